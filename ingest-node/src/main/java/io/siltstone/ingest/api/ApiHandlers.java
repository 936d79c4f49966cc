package io.siltstone.ingest.api;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.protocol.ApiKeys;

/** The table of what this node answers. Filled before the node listens; only what is in it is advertised. */
public final class ApiHandlers {

    private final Map<ApiKeys, ApiHandler> handlers = new EnumMap<>(ApiKeys.class);

    /** Registers the one handler of an API. */
    public ApiHandlers register(ApiKeys api, ApiHandler handler) {
        if (handlers.putIfAbsent(api, handler) != null) {
            throw new IllegalStateException(api + " has a handler already");
        }
        return this;
    }

    public Optional<ApiHandler> handler(ApiKeys api) {
        return Optional.ofNullable(handlers.get(api));
    }

    public Set<ApiKeys> apis() {
        return Set.copyOf(handlers.keySet());
    }
}
