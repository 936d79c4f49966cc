package io.siltstone.client.source;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Port: a bucket that can be read with the cluster off. */
public interface Bucket extends ObjectReader, AutoCloseable {

    /**
     * Up to 1,000 keys that begin with the prefix, in the order of their UTF-8 bytes; fewer only at the end.
     *
     * @param after the last key of the page before; null for the first page
     */
    CompletableFuture<List<String>> list(String prefix, @Nullable String after);

    /**
     * The different beginnings, up to and with the next {@code /} after the prefix, of all keys that begin with it.
     *
     * @param prefix empty or ending with {@code /}
     */
    CompletableFuture<List<String>> folders(String prefix);

    @Override
    void close();
}
