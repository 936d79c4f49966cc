package io.siltstone.tiering.store;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Port: lists the objects of a bucket in the order of their keys' UTF-8 bytes. */
public interface ObjectLister {

    /**
     * One page of the keys that begin with the prefix.
     *
     * @param after the last key of the page before; null for the first page
     * @param limit at least 1 and at most 1,000
     */
    CompletableFuture<Page> list(String prefix, @Nullable String after, int limit);

    /**
     * The different beginnings, up to and with the next {@code /} after the prefix, of all keys that begin with it.
     *
     * @param prefix empty or ending with {@code /}
     */
    CompletableFuture<List<String>> folders(String prefix);

    /**
     * A part of a listing.
     *
     * @param more another page follows, after this one's last key
     */
    record Page(List<ObjectInfo> objects, boolean more) {

        public Page {
            objects = List.copyOf(objects);
        }
    }
}
