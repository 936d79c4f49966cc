package io.siltstone.cli.cluster;

import java.util.Map;

/**
 * One node of a cluster as it is to be run.
 *
 * @param name what it is called in the cluster's folder: {@code zookeeper}, {@code storage-1}, {@code ingest-1}
 * @param httpPort where it answers {@code /health}, {@code /ready} and {@code /metrics}
 * @param config its properties
 */
public record NodeSpec(String name, NodeKind kind, int httpPort, Map<String, String> config) {
    public NodeSpec {
        config = Map.copyOf(config);
    }
}
