package io.siltstone.cli.cluster;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** The command line of a node: this JVM's Java, the flags of its kind, this distribution's jars; every path absolute. */
final class NodeCommand {
    private NodeCommand() {}

    static List<String> of(NodeKind kind, NodeFiles files) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(JvmFlags.of(kind));
        String classPath = classPath();
        command.add("-Dsiltstone.classpath=" + classPath);
        command.add("-cp");
        command.add(classPath);
        command.add("io.siltstone.cli.Siltstone");
        command.add(kind.command());
        command.add("--config");
        command.add(files.config().toString());
        command.add("--pid-file");
        command.add(files.pid().path().toString());
        return command;
    }

    /** The launcher hands down its class path with the wildcard unexpanded; a build or a test has only the long one. */
    private static String classPath() {
        String launcher = System.getProperty("siltstone.classpath");
        if (launcher != null) {
            return launcher;
        }
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.isEmpty())
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
    }
}
