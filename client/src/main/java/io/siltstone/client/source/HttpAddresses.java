package io.siltstone.client.source;

import io.siltstone.client.source.HistoryException.Kind;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.config.ConfigResource;
import org.jspecify.annotations.Nullable;

/**
 * Where the ingest nodes answer HTTP, as each tells in its broker config {@value #CONFIG}. Kept for a few seconds.
 * Thread-safe; its lock guards the kept answer.
 */
final class HttpAddresses {

    static final String CONFIG = "siltstone.http.address";

    private static final long KEPT_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Admin admin;
    private CompletableFuture<List<URI>> kept = CompletableFuture.completedFuture(List.of());
    private long keptAt;

    HttpAddresses(Admin admin) {
        this.admin = admin;
    }

    synchronized CompletableFuture<List<URI>> get() {
        boolean usable = kept.isDone()
                && !kept.isCompletedExceptionally()
                && !kept.join().isEmpty();
        if (kept.isDone() && (!usable || System.nanoTime() - keptAt > KEPT_NANOS)) {
            kept = discover();
            keptAt = System.nanoTime();
        }
        return kept;
    }

    private CompletableFuture<List<URI>> discover() {
        return future(admin.describeCluster().nodes())
                .thenCompose(this::ofNodes)
                .exceptionally(failure -> {
                    throw new HistoryException(Kind.UNAVAILABLE, "no broker answers: " + failure, failure);
                });
    }

    private CompletableFuture<List<URI>> ofNodes(Collection<Node> nodes) {
        List<CompletableFuture<List<URI>>> asked = new ArrayList<>();
        for (Node node : nodes) {
            ConfigResource broker = new ConfigResource(ConfigResource.Type.BROKER, node.idString());
            // one question per broker, so that one that is gone does not fail the others
            asked.add(future(admin.describeConfigs(List.of(broker)).all())
                    .handle((configs, failure) -> failure == null ? address(configs.get(broker)) : List.of()));
        }
        return CompletableFuture.allOf(asked.toArray(CompletableFuture<?>[]::new))
                .thenApply(done ->
                        asked.stream().flatMap(one -> one.join().stream()).toList());
    }

    private static List<URI> address(@Nullable Config config) {
        ConfigEntry entry = config == null ? null : config.get(CONFIG);
        if (entry == null || entry.value() == null || entry.value().isEmpty()) {
            return List.of();
        }
        return List.of(URI.create(entry.value() + "/"));
    }

    static <T> CompletableFuture<T> future(KafkaFuture<T> answer) {
        return answer.toCompletionStage().toCompletableFuture();
    }
}
