package io.siltstone.client.source;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Finds the greatest key under a prefix by listing it to its end. */
final class LastKey {

    private static final int PAGE = 1_000;

    private final Bucket bucket;

    LastKey(Bucket bucket) {
        this.bucket = bucket;
    }

    CompletableFuture<Optional<String>> under(String prefix) {
        return after(prefix, null);
    }

    /** The greatest key under the prefix, or that one where none is greater. */
    CompletableFuture<Optional<String>> after(String prefix, @Nullable String last) {
        return bucket.list(prefix, last).thenCompose(page -> {
            String greatest = lastOf(page, last);
            return page.size() < PAGE || greatest == null
                    ? CompletableFuture.completedFuture(Optional.ofNullable(greatest))
                    : after(prefix, greatest);
        });
    }

    private static @Nullable String lastOf(List<String> page, @Nullable String before) {
        return page.isEmpty() ? before : page.get(page.size() - 1);
    }
}
