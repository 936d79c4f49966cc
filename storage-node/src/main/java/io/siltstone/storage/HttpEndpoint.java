package io.siltstone.storage;

import io.javalin.Javalin;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.function.BooleanSupplier;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** /health, /ready and /metrics over HTTP. */
final class HttpEndpoint implements AutoCloseable {

    private static final int MAX_THREADS = 8;
    private static final int MIN_THREADS = 2;

    private final Javalin server;

    private HttpEndpoint(Javalin server) {
        this.server = server;
    }

    /**
     * Serves.
     *
     * @param port 0 for a free one
     */
    static HttpEndpoint start(String host, int port, PrometheusMeterRegistry metrics, BooleanSupplier ready) {
        QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS, MIN_THREADS);
        threads.setName("storage-http");
        threads.setDaemon(true);
        Javalin server = Javalin.create(config -> {
            config.startup.showJavalinBanner = false;
            config.startup.startupWatcherEnabled = false;
            config.jetty.threadPool = threads;
            config.jetty.host = host;
            config.jetty.port = port;
            config.routes.get("/health", request -> request.result("ok\n"));
            config.routes.get("/ready", request -> {
                boolean isReady = ready.getAsBoolean();
                request.status(isReady ? 200 : 503).result(isReady ? "ready\n" : "not ready\n");
            });
            config.routes.get(
                    "/metrics",
                    request -> request.contentType("text/plain; version=0.0.4; charset=utf-8")
                            .result(metrics.scrape()));
        });
        return new HttpEndpoint(server.start());
    }

    int port() {
        return server.port();
    }

    @Override
    public void close() {
        server.stop();
    }
}
