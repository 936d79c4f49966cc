package io.siltstone.client.source;

import io.siltstone.client.source.HistoryException.Kind;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** Reads any object of one partition by links that an ingest node signs for it. Thread-safe. */
final class LinkedObjects implements ObjectReader {

    private static final int ATTEMPTS = 4;
    private static final int KEPT_LINKS = 100;

    private final HistoryApi api;
    private final String partitionPath;
    private final Map<String, URI> links = new ConcurrentHashMap<>();

    LinkedObjects(HistoryApi api, String partitionPath) {
        this.api = api;
        this.partitionPath = partitionPath;
    }

    @Override
    public CompletableFuture<ByteBuffer> read(String key, long position, int length) {
        return byLink(key, link -> api.read(link, position, length), 1);
    }

    @Override
    public CompletableFuture<ByteBuffer> readAll(String key) {
        return byLink(key, api::readAll, 1);
    }

    private CompletableFuture<ByteBuffer> byLink(
            String key, Function<URI, CompletableFuture<ByteBuffer>> read, int attempt) {
        return link(key)
                .thenCompose(link -> read.apply(link)
                        .handle((bytes, failure) -> {
                            if (failure == null) {
                                return CompletableFuture.completedFuture(bytes);
                            }
                            links.remove(key, link);
                            boolean again = attempt < ATTEMPTS
                                    && (HistoryException.is(failure, Kind.EXPIRED)
                                            || HistoryException.is(failure, Kind.UNAVAILABLE));
                            return again
                                    ? byLink(key, read, attempt + 1)
                                    : CompletableFuture.<ByteBuffer>failedFuture(HistoryException.unwrapped(failure));
                        })
                        .thenCompose(next -> next));
    }

    private CompletableFuture<URI> link(String key) {
        URI known = links.get(key);
        if (known != null) {
            return CompletableFuture.completedFuture(known);
        }
        String query = "/link?key=" + URLEncoder.encode(key, StandardCharsets.UTF_8);
        return api.ask(partitionPath + query).thenApply(answer -> {
            URI link = HistoryJson.link(answer);
            if (links.size() >= KEPT_LINKS) {
                links.clear();
            }
            links.put(key, link);
            return link;
        });
    }
}
