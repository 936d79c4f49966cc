package io.siltstone.cli.cluster;

/** What a process of a cluster is: the name of the command that runs it, and of its file of JVM flags. */
public enum NodeKind {
    ZOOKEEPER("zookeeper"),
    STORAGE_NODE("storage-node"),
    INGEST_NODE("ingest-node");

    private final String command;

    NodeKind(String command) {
        this.command = command;
    }

    /** The subcommand of {@code siltstone} that runs such a node. */
    public String command() {
        return command;
    }
}
