package io.siltstone.cli.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The JVM flags of each kind of process, read from {@code jvm/KIND.options} beside this class. The launcher script and
 * the image read the same files, so heap and direct memory are set in one place.
 */
public final class JvmFlags {
    private JvmFlags() {}

    /** The flags of a node of this kind, in the order of its file. */
    public static List<String> of(NodeKind kind) {
        return read("jvm/" + kind.command() + ".options");
    }

    private static List<String> read(String resource) {
        try (InputStream in = JvmFlags.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("no file of JVM flags " + resource + " in this distribution");
            }
            return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("could not read the JVM flags " + resource, e);
        }
    }

    /** One flag per line; blank lines and lines that begin with {@code #} say nothing. */
    static List<String> parse(String text) {
        return text.lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .toList();
    }
}
