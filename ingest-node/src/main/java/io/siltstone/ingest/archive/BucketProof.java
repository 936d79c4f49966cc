package io.siltstone.ingest.archive;

import io.siltstone.log.writer.Timers;
import io.siltstone.tiering.store.ConditionalPutProof;
import io.siltstone.tiering.store.ObjectStore;
import io.siltstone.tiering.store.ObjectStoreException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the bucket whether it refuses a second put, until it has answered; nothing is uploaded before. A bucket that
 * cannot be reached is asked again; one that takes the second put is given up. Confined to the executor, but for
 * {@link #proven}, {@link #awaitFirstAnswer} and {@link #problem}.
 */
final class BucketProof {

    private static final Logger LOG = LoggerFactory.getLogger(BucketProof.class);
    private static final long FIRST_RETRY_MS = 1_000;
    private static final long LONGEST_RETRY_MS = 60_000;

    private final ObjectStore store;
    private final Supplier<String> freshKeys;
    private final Executor loop;
    private final Timers timers;
    private final CompletableFuture<Void> proven = new CompletableFuture<>();
    private final CompletableFuture<Void> firstAnswer = new CompletableFuture<>();
    private volatile @Nullable String unsafe;
    private boolean closed;

    BucketProof(ObjectStore store, Supplier<String> freshKeys, Executor loop, Timers timers) {
        this.store = store;
        this.freshKeys = freshKeys;
        this.loop = loop;
        this.timers = timers;
    }

    void start() {
        loop.execute(() -> attempt(FIRST_RETRY_MS));
    }

    void close() {
        loop.execute(() -> closed = true);
    }

    /** Completes once the bucket is shown to refuse a second put; never fails. */
    CompletableFuture<Void> proven() {
        return proven;
    }

    /** Why the bucket cannot be used at all; empty while that is not known. */
    Optional<String> problem() {
        return Optional.ofNullable(unsafe);
    }

    /**
     * Waits a moment for the first attempt's outcome: a node that cannot use its bucket ends here, one that cannot reach
     * it goes on.
     *
     * @throws IllegalStateException where the bucket took the second put
     */
    void awaitFirstAnswer(long patienceMs) {
        try {
            firstAnswer.get(patienceMs, TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (TimeoutException slow) {
            LOG.warn("{} did not answer within {} ms; nothing is uploaded until it does", store.describe(), patienceMs);
        } catch (java.util.concurrent.ExecutionException impossible) {
            throw new IllegalStateException(impossible.getCause());
        }
        String problem = unsafe;
        if (problem != null) {
            throw new IllegalStateException(problem);
        }
    }

    private void attempt(long retryMs) {
        if (closed) {
            return;
        }
        String key = freshKeys.get();
        var unused = ConditionalPutProof.run(store, key)
                .whenCompleteAsync((done, failure) -> answered(key, failure, retryMs), loop);
    }

    private void answered(String key, @Nullable Throwable failure, long retryMs) {
        if (failure == null) {
            LOG.info("{} refuses a second put under the same key", store.describe());
            proven.complete(null);
        } else {
            ObjectStoreException why = ObjectStoreException.from(failure, key);
            if (why.kind() == ObjectStoreException.Kind.UNSAFE) {
                unsafe = why.getMessage();
                LOG.error("Nothing will be uploaded: {}", why.getMessage());
            } else if (!closed) {
                LOG.warn(
                        "The bucket could not be tried, nothing is uploaded until it can; next attempt in {} ms: {}",
                        retryMs,
                        why.getMessage());
                timers.schedule(retryMs, () -> attempt(Math.min(LONGEST_RETRY_MS, 2 * retryMs)));
            }
        }
        firstAnswer.complete(null);
    }
}
