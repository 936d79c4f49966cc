package io.siltstone.cli.server;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;

/** Answers {@code /health}, {@code /ready} and {@code /metrics} for a process that has no HTTP server of its own. */
final class HealthEndpoint implements AutoCloseable {
    private static final int BACKLOG = 50;

    private final HttpServer server;
    private final JvmGcMetrics collections = new JvmGcMetrics();
    private final PrometheusMeterRegistry metrics;

    /** Listens at once; {@code ready} is asked at each request. */
    HealthEndpoint(String host, int port, PrometheusMeterRegistry metrics, BooleanSupplier ready) {
        this.metrics = metrics;
        new JvmMemoryMetrics().bindTo(metrics);
        new ProcessorMetrics().bindTo(metrics);
        collections.bindTo(metrics);
        try {
            server = HttpServer.create(new InetSocketAddress(host, port), BACKLOG);
        } catch (IOException e) {
            throw new UncheckedIOException("could not listen at " + host + ":" + port, e);
        }
        server.createContext("/health", exchange -> answer(exchange, 200, "ok\n"));
        server.createContext(
                "/ready",
                exchange -> answer(
                        exchange, ready.getAsBoolean() ? 200 : 503, ready.getAsBoolean() ? "ready\n" : "starting\n"));
        server.createContext("/metrics", exchange -> answer(exchange, 200, metrics.scrape()));
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        collections.close();
        metrics.close();
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
        exchange.sendResponseHeaders(status, body.length);
        try (var out = exchange.getResponseBody()) {
            out.write(body);
        }
    }
}
