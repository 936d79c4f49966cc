package io.siltstone.tiering.history;

import com.github.benmanes.caffeine.cache.Cache;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;

/** A bounded cache of what is loaded asynchronously; who asks during a load waits for it. Failures are not kept. */
final class LoadedOnce<V> {

    private final Cache<String, V> kept;
    private final ConcurrentMap<String, CompletableFuture<V>> loads = new ConcurrentHashMap<>();

    LoadedOnce(Cache<String, V> kept) {
        this.kept = kept;
    }

    CompletableFuture<V> get(String key, Supplier<? extends CompletionStage<V>> load) {
        V known = kept.getIfPresent(key);
        if (known != null) {
            return CompletableFuture.completedFuture(known);
        }
        CompletableFuture<V> mine = new CompletableFuture<>();
        CompletableFuture<V> other = loads.putIfAbsent(key, mine);
        if (other != null) {
            return other;
        }
        var unused = load.get().whenComplete((value, failure) -> {
            if (failure == null) {
                kept.put(key, value);
            }
            loads.remove(key, mine);
            if (failure == null) {
                mine.complete(value);
            } else {
                mine.completeExceptionally(failure);
            }
        });
        return mine;
    }
}
