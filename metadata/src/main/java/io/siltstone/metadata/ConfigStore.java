package io.siltstone.metadata;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/** Port: dynamic settings. Futures fail with {@link MetadataException}, or with what the change throws. */
public interface ConfigStore {

    /** Replaces the settings of all ingest nodes by what the change makes of the newest ones. */
    CompletableFuture<Void> alterClusterConfigs(UnaryOperator<Map<String, String>> change);

    /** Replaces the settings of one ingest node by what the change makes of the newest ones. */
    CompletableFuture<Void> alterBrokerConfigs(int node, UnaryOperator<Map<String, String>> change);
}
