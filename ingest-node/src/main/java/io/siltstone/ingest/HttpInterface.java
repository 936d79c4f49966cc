package io.siltstone.ingest;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.siltstone.format.BucketKeys;
import io.siltstone.ingest.http.HttpSettings;
import io.siltstone.ingest.http.NodeHttpServer;
import io.siltstone.ingest.partition.Partitions;
import io.siltstone.log.PartitionId;
import io.siltstone.metadata.Metadata;
import io.siltstone.tiering.history.HistoryReader;
import io.siltstone.tiering.store.ObjectStore;
import io.siltstone.tiering.store.SignedLinks;
import io.siltstone.tiering.upload.TopicDescriptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Puts the node's HTTP server together: what it tells, and where its links lead. */
final class HttpInterface {

    private static final long SECRET_TIMEOUT_MS = 20_000;

    private HttpInterface() {}

    static NodeHttpServer start(
            IngestNodeConfig config,
            int port,
            Metadata metadata,
            PrometheusMeterRegistry metrics,
            @Nullable ObjectStore bucket,
            @Nullable HistoryReader history,
            Partitions partitions,
            Function<PartitionId, CompletableFuture<Map<Long, Long>>> hotBytes,
            Supplier<Optional<String>> notReady) {
        String host = config.host().isEmpty() ? "0.0.0.0" : config.host();
        NodeHttpServer.Content content = new NodeHttpServer.Content(
                metrics,
                notReady,
                metadata.view(),
                (partition, pointer) -> history == null
                        ? CompletableFuture.failedFuture(new IllegalStateException("this node has no bucket"))
                        : history.manifest(partition, pointer),
                topic -> bucket == null
                        ? CompletableFuture.completedFuture(Optional.empty())
                        : TopicDescriptions.newestKey(
                                bucket, new BucketKeys(metadata.view().image().clusterId()), topic));
        return NodeHttpServer.start(
                new HttpSettings(host, port, config.linkLife()),
                content,
                links(config, metadata, bucket, port),
                Optional.of(new NodeHttpServer.Segments(partitions, hotBytes)));
    }

    /** The port to listen at: links and metadata name it before the server runs, so a free one is chosen here. */
    static int port(IngestNodeConfig config) {
        if (config.httpPort() != 0) {
            return config.httpPort();
        }
        try (ServerSocket free = new ServerSocket(0)) {
            return free.getLocalPort();
        } catch (IOException failed) {
            throw new UncheckedIOException("no free port for HTTP", failed);
        }
    }

    static String address(IngestNodeConfig config, int port) {
        return "http://" + config.advertisedHost() + ":" + port;
    }

    private static NodeHttpServer.Links links(
            IngestNodeConfig config, Metadata metadata, @Nullable ObjectStore bucket, int port) {
        if (bucket == null) {
            return new NodeHttpServer.Links.OfStore((key, life) -> {
                throw new IllegalStateException("this node has no bucket");
            });
        }
        return bucket.signer()
                .<NodeHttpServer.Links>map(NodeHttpServer.Links.OfStore::new)
                .orElseGet(() -> new NodeHttpServer.Links.OfNode(
                        new SignedLinks(
                                URI.create(address(config, port) + "/v1/objects/"),
                                secret(metadata),
                                Clock.systemUTC()),
                        bucket));
    }

    private static byte[] secret(Metadata metadata) {
        try {
            return metadata.store().clusterSecret().get(SECRET_TIMEOUT_MS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the cluster's secret was read", interrupted);
        } catch (ExecutionException | TimeoutException failed) {
            throw new IllegalStateException("the cluster's secret could not be read: " + failed, failed);
        }
    }
}
