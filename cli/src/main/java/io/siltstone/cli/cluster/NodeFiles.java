package io.siltstone.cli.cluster;

import java.nio.file.Path;

/** Where one node of a cluster keeps what it has, all under the cluster's folder and named after the node. */
public record NodeFiles(Path dir, String node) {

    public NodeFiles {
        if (!dir.isAbsolute()) {
            throw new IllegalArgumentException("the folder of a cluster must be absolute, not " + dir);
        }
    }

    /** The process id, written by the server itself. */
    public PidFile pid() {
        return new PidFile(dir.resolve(node + ".pid"));
    }

    /** What the process prints. */
    public Path log() {
        return dir.resolve(node + ".log");
    }

    /** A shell line that runs the node in the foreground. */
    public Path command() {
        return dir.resolve(node + ".command");
    }

    /** The node's properties. */
    public Path config() {
        return dir.resolve(node + ".properties");
    }

    /** What the node keeps over restarts. */
    public Path data() {
        return dir.resolve(node);
    }
}
