package io.siltstone.ingest.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.siltstone.format.CorruptObjectException;
import io.siltstone.ingest.partition.Partitions;
import io.siltstone.log.PartitionId;
import io.siltstone.metadata.ClusterView;
import io.siltstone.tiering.store.ObjectReader;
import io.siltstone.tiering.store.ObjectStoreException;
import io.siltstone.tiering.store.SignedLinks;
import io.siltstone.tiering.store.UrlSigner;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node's HTTP server: health, metrics, and history with signed links. Its own few threads; nothing of it runs on a
 * partition's event loop.
 */
public final class NodeHttpServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(NodeHttpServer.class);

    private static final int MOST_THREADS = 24;
    private static final int LEAST_THREADS = 2;

    private final Javalin server;

    private NodeHttpServer(Javalin server) {
        this.server = server;
    }

    /**
     * What the server answers with.
     *
     * @param metrics scraped at {@code /metrics}
     * @param notReady why the node does not serve yet; empty once it does
     * @param cluster topics and manifest pointers
     * @param manifests reads the manifests
     * @param descriptions finds the key of a topic's newest description in the bucket
     */
    public record Content(
            PrometheusMeterRegistry metrics,
            Supplier<Optional<String>> notReady,
            ClusterView cluster,
            ManifestVersions manifests,
            Function<UUID, CompletableFuture<Optional<String>>> descriptions) {}

    /**
     * The partitions whose segments the server tells of and closes.
     *
     * @param hotBytes what storage disks hold of a partition: bytes of the largest copy of each segment, by its number
     */
    public record Segments(Partitions partitions, Function<PartitionId, CompletableFuture<Map<Long, Long>>> hotBytes) {}

    /** Where links lead: to the store itself, or to this node's own {@code /v1/objects/}. */
    public sealed interface Links {

        /** The bucket has a server of its own. */
        record OfStore(UrlSigner signer) implements Links {}

        /** The node serves the bytes. */
        record OfNode(SignedLinks links, ObjectReader objects) implements Links {}
    }

    /** Starts to listen. Throws where the port is taken. */
    public static NodeHttpServer start(
            HttpSettings settings, Content content, Links links, Optional<Segments> segments) {
        Javalin server = Javalin.create(config -> {
            config.startup.showJavalinBanner = false;
            config.startup.showOldJavalinVersionWarning = false;
            config.http.compressionStrategy = CompressionStrategy.NONE;
            config.jetty.host = settings.host();
            config.jetty.port = settings.port();
            config.jetty.threadPool = threads();
            routes(config, settings, content, links);
            segments.ifPresent(told -> segmentRoutes(config, content, told));
            errors(config);
        });
        server.start();
        return new NodeHttpServer(server);
    }

    /** The port that it listens at. */
    public int port() {
        return server.port();
    }

    @Override
    public void close() {
        server.stop();
    }

    private static QueuedThreadPool threads() {
        QueuedThreadPool threads = new QueuedThreadPool(MOST_THREADS, LEAST_THREADS);
        threads.setName("siltstone-http");
        threads.setDaemon(true);
        return threads;
    }

    private static void routes(JavalinConfig config, HttpSettings settings, Content content, Links links) {
        UrlSigner signer = links instanceof Links.OfNode ofNode ? ofNode.links() : ((Links.OfStore) links).signer();
        HistoryEndpoints history = new HistoryEndpoints(
                content.cluster(),
                content.manifests(),
                content.descriptions(),
                signer,
                settings.linkLife(),
                Clock.systemUTC());
        config.routes.get("/health", context -> context.result("up\n"));
        config.routes.get("/ready", context -> ready(context, content.notReady().get()));
        config.routes.get(
                "/metrics",
                context -> context.contentType("text/plain; version=0.0.4; charset=utf-8")
                        .result(content.metrics().scrape()));
        config.routes.get("/v1/topics", history::topics);
        config.routes.get("/v1/topics/{topic}/description", history::description);
        config.routes.get("/v1/topics/{topic}/partitions/{partition}/history", history::history);
        config.routes.get("/v1/topics/{topic}/partitions/{partition}/link", history::link);
        if (links instanceof Links.OfNode ofNode) {
            config.routes.get("/v1/objects/<key>", new ObjectEndpoint(ofNode.objects(), ofNode.links())::get);
        }
    }

    private static void segmentRoutes(JavalinConfig config, Content content, Segments told) {
        SegmentEndpoints segments = new SegmentEndpoints(told.partitions(), content.manifests(), told.hotBytes());
        config.routes.get("/v1/topics/{topic}/segments", segments::segments);
        config.routes.post("/v1/topics/{topic}/seal", segments::seal);
    }

    private static void ready(Context context, Optional<String> notReady) {
        context.status(notReady.isEmpty() ? 200 : 503).result(notReady.orElse("ready") + "\n");
    }

    private static void errors(JavalinConfig config) {
        config.routes.exception(Exception.class, (failure, context) -> fail(context, unwrapped(failure)));
    }

    private static void fail(Context context, Throwable failure) {
        if (failure instanceof RequestException request) {
            error(context, request.status(), "request", request.getMessage(), null);
        } else if (failure instanceof CorruptObjectException corrupt) {
            LOG.error("history asked for {} is damaged", context.path(), corrupt);
            error(context, 422, "corrupt", corrupt.what(), corrupt);
        } else if (failure instanceof ObjectStoreException store) {
            if (store.kind() == ObjectStoreException.Kind.MISSING) {
                fail(
                        context,
                        new CorruptObjectException(
                                store.key(),
                                CorruptObjectException.NO_BLOCK,
                                CorruptObjectException.NO_OFFSET,
                                "the object is missing"));
                return;
            }
            error(context, 503, "bucket", store.getMessage(), null);
        } else {
            LOG.warn("{} failed", context.path(), failure);
            error(context, 500, "internal", failure.toString(), null);
        }
    }

    private static void error(
            Context context,
            int status,
            String error,
            @Nullable String message,
            @Nullable CorruptObjectException corrupt) {
        ObjectNode json =
                HistoryAnswer.JSON.createObjectNode().put("error", error).put("message", String.valueOf(message));
        if (corrupt != null) {
            json.put("object", corrupt.object()).put("block", corrupt.block()).put("offset", corrupt.offset());
        }
        context.status(status).contentType("application/json").result(json.toString());
    }

    private static Throwable unwrapped(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }
}
