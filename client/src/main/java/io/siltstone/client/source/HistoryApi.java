package io.siltstone.client.source;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.siltstone.client.source.HistoryException.Kind;
import io.siltstone.format.CorruptObjectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The HTTP side of reading history: questions to ingest nodes, which any of them answers, and bytes by signed links.
 *
 * <p>Thread-safe. Its own few threads complete the futures.
 */
final class HistoryApi implements AutoCloseable {

    private static final int THREADS = 4;
    private static final int CALLS_AT_ONCE = 32;
    private static final int ATTEMPTS = 8;
    private static final long FIRST_DELAY_MS = 50;
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Supplier<CompletableFuture<List<URI>>> nodes;
    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS, task -> {
        Thread thread = new Thread(task, "siltstone-history-http");
        thread.setDaemon(true);
        return thread;
    });
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .executor(threads)
            .build();
    private final ReadLimit limit = new ReadLimit(CALLS_AT_ONCE);
    private final AtomicInteger turn =
            new AtomicInteger(ThreadLocalRandom.current().nextInt(1 << 16));

    /** @param nodes the HTTP addresses of live ingest nodes, asked anew for each attempt */
    HistoryApi(Supplier<CompletableFuture<List<URI>>> nodes) {
        this.nodes = nodes;
    }

    /** Asks the ingest nodes in turn, so that the links they sign spread over them; goes on where one does not answer. */
    CompletableFuture<JsonNode> ask(String pathAndQuery) {
        return ask(pathAndQuery, 1);
    }

    private CompletableFuture<JsonNode> ask(String pathAndQuery, int attempt) {
        return nodes.get()
                .thenCompose(all -> {
                    if (all.isEmpty()) {
                        throw new HistoryException(
                                Kind.UNAVAILABLE, "no ingest node tells its siltstone.http.address", null);
                    }
                    URI node = all.get(Math.floorMod(turn.getAndIncrement(), all.size()));
                    HttpRequest request = HttpRequest.newBuilder(node.resolve(pathAndQuery))
                            .timeout(TIMEOUT)
                            .build();
                    return send(request, HistoryApi::json);
                })
                .handle((answer, failure) -> {
                    if (failure == null) {
                        return CompletableFuture.completedFuture(answer);
                    }
                    boolean again = HistoryException.is(failure, Kind.UNAVAILABLE) && attempt < ATTEMPTS;
                    return again
                            ? delay(attempt).thenCompose(waited -> ask(pathAndQuery, attempt + 1))
                            : CompletableFuture.<JsonNode>failedFuture(HistoryException.unwrapped(failure));
                })
                .thenCompose(next -> next);
    }

    /** A part of what the link leads to; EXPIRED where it is refused, MISSING where it ends before the part does. */
    CompletableFuture<ByteBuffer> read(URI link, long position, int length) {
        HttpRequest request = HttpRequest.newBuilder(link)
                .timeout(TIMEOUT)
                .header("Range", "bytes=" + position + "-" + (position + length - 1))
                .build();
        return send(request, response -> {
            if (response.statusCode() == 206 && endsBefore(response, position + length)) {
                throw new HistoryException(
                        Kind.MISSING, link.getPath() + " ends before byte " + (position + length), null);
            }
            if (response.statusCode() != 206 || response.body().length != length) {
                throw new HistoryException(
                        Kind.UNAVAILABLE,
                        link.getPath() + ": asked for " + length + " bytes, got status " + response.statusCode()
                                + " with " + response.body().length,
                        null);
            }
            return ByteBuffer.wrap(response.body());
        });
    }

    /** Whether the answer says that the whole has fewer bytes: {@code Content-Range: bytes FROM-TO/WHOLE}. */
    private static boolean endsBefore(HttpResponse<?> response, long end) {
        String range = response.headers().firstValue("Content-Range").orElse("");
        String whole = range.substring(range.lastIndexOf('/') + 1);
        return whole.matches("\\d{1,18}") && Long.parseLong(whole) < end;
    }

    /** All that the link leads to. */
    CompletableFuture<ByteBuffer> readAll(URI link) {
        HttpRequest request = HttpRequest.newBuilder(link).timeout(TIMEOUT).build();
        return send(request, response -> ByteBuffer.wrap(response.body()));
    }

    @Override
    public void close() {
        threads.shutdown();
    }

    private <T> CompletableFuture<T> send(HttpRequest request, Function<HttpResponse<byte[]>, T> decode) {
        return limit.run(() -> http.sendAsync(request, BodyHandlers.ofByteArray())
                .handle((response, failure) -> {
                    if (failure != null) {
                        throw new HistoryException(
                                Kind.UNAVAILABLE, request.uri().getAuthority() + ": " + failure, failure);
                    }
                    checkStatus(request.uri(), response);
                    return decode.apply(response);
                }));
    }

    private static void checkStatus(URI uri, HttpResponse<byte[]> response) {
        int status = response.statusCode();
        if (status / 100 == 2) {
            return;
        }
        Kind kind = switch (status) {
            case 403 -> Kind.EXPIRED;
            case 404, 416 -> Kind.MISSING;
            case 408, 429 -> Kind.UNAVAILABLE;
            default -> status >= 500 ? Kind.UNAVAILABLE : Kind.REFUSED;
        };
        String body = new String(response.body(), StandardCharsets.UTF_8);
        if (status == 422) {
            throw damaged(body);
        }
        throw new HistoryException(
                kind,
                uri.getPath() + ": status " + status + " " + body.substring(0, Math.min(200, body.length())),
                null);
    }

    private static RuntimeException damaged(String body) {
        try {
            JsonNode fault = JSON.readTree(body);
            return new CorruptObjectException(
                    fault.path("object").asText(),
                    fault.path("block").asInt(CorruptObjectException.NO_BLOCK),
                    fault.path("offset").asLong(CorruptObjectException.NO_OFFSET),
                    fault.path("message").asText());
        } catch (JsonProcessingException e) {
            return new HistoryException(Kind.REFUSED, body, e);
        }
    }

    private static JsonNode json(HttpResponse<byte[]> response) {
        try {
            return JSON.readTree(new String(response.body(), StandardCharsets.UTF_8));
        } catch (JsonProcessingException e) {
            throw new HistoryException(Kind.REFUSED, response.uri() + " did not answer with JSON", e);
        }
    }

    private CompletableFuture<Void> delay(int attempt) {
        return CompletableFuture.runAsync(
                () -> {}, CompletableFuture.delayedExecutor(FIRST_DELAY_MS << (attempt - 1), TimeUnit.MILLISECONDS));
    }
}
