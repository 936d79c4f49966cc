package io.siltstone.cli.cluster;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * How one node is.
 *
 * @param state {@code ready}, {@code starting} (the process runs, it does not serve yet) or {@code stopped}
 * @param pid the process id, null where it is stopped
 * @param kafka the address for Kafka clients, null but for ingest nodes
 * @param http the address of {@code /health}, {@code /ready} and {@code /metrics}
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record NodeStatus(
        String node,
        String state,
        @Nullable Long pid,
        @Nullable String kafka,
        String http) {
    static final String READY = "ready";
    static final String STARTING = "starting";
    static final String STOPPED = "stopped";

    public boolean ready() {
        return state.equals(READY);
    }
}
