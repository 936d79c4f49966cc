package io.siltstone.cli.server;

import io.siltstone.cli.UsageException;
import io.siltstone.cli.cluster.PidFile;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What every server command takes: a properties file and a place for the process id. */
final class ServerOptions {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Properties file. Each key may be set or overridden by an environment variable:"
                    + " data.dir by SILTSTONE_DATA_DIR.")
    private @Nullable Path config;

    @Option(
            names = "--pid-file",
            paramLabel = "FILE",
            description = "Write this process's id here, and remove the file at a clean end.")
    private @Nullable Path pidFile;

    /** The file's properties; none where no file is given. */
    Map<String, String> properties() {
        Map<String, String> values = new TreeMap<>();
        Path file = config;
        if (file == null) {
            return values;
        }
        if (!Files.exists(file)) {
            throw new UsageException("no such file: " + file);
        }
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            properties.load(reader);
        } catch (IOException e) {
            throw new UncheckedIOException("could not read " + file, e);
        }
        properties.stringPropertyNames().forEach(key -> values.put(key, properties.getProperty(key)));
        return values;
    }

    /** Writes the process id, if it was asked for. */
    void holdPidFile() {
        if (pidFile != null) {
            new PidFile(pidFile.toAbsolutePath()).hold();
        }
    }
}
