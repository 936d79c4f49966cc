package io.siltstone.client.stream;

import io.siltstone.client.source.HistoryException;
import io.siltstone.client.source.HistoryException.Kind;
import io.siltstone.client.source.HistoryPage;
import io.siltstone.client.source.HistoryRange;
import io.siltstone.client.source.HistorySource;
import io.siltstone.format.CorruptObjectException;
import io.siltstone.format.manifest.ManifestRange;
import io.siltstone.format.segment.SegmentObjectReader;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Reads one object, over expiring links and short outages: where a link has expired it asks the source again by offset,
 * once for all reads that wait, and goes on. Fails with {@link ReplacedException} where another object holds the offset
 * by then.
 *
 * <p>Used by the replay's thread and by the source's; its lock guards the range and the question under way.
 */
final class RangeReader {

    private static final int ATTEMPTS = 8;
    private static final long FIRST_DELAY_MS = 50;

    private final HistorySource source;
    private final TopicPartition partition;
    private final ManifestRange object;
    private HistoryRange range;
    private @Nullable CompletableFuture<HistoryRange> asking;

    RangeReader(HistorySource source, TopicPartition partition, HistoryRange range) {
        this.source = source;
        this.partition = partition;
        this.object = range.object();
        this.range = range;
    }

    ManifestRange object() {
        return object;
    }

    /** The object's index, checked. */
    CompletableFuture<SegmentObjectReader> open() {
        int length = Math.toIntExact(object.bytes() - object.indexPosition());
        return read(object.indexPosition(), length).thenApply(tail -> SegmentObjectReader.open(object, tail));
    }

    CompletableFuture<ByteBuffer> read(long position, int length) {
        return attempt(position, length, current(), 1);
    }

    private CompletableFuture<ByteBuffer> attempt(long position, int length, HistoryRange by, int attempt) {
        return source.read(by, position, length)
                .handle((bytes, failure) -> failure == null
                        ? CompletableFuture.completedFuture(bytes)
                        : afterFailure(position, length, by, attempt, failure))
                .thenCompose(next -> next);
    }

    private CompletableFuture<ByteBuffer> afterFailure(
            long position, int length, HistoryRange by, int attempt, Throwable failure) {
        if (HistoryException.is(failure, Kind.MISSING)) {
            return CompletableFuture.failedFuture(new CorruptObjectException(
                    object.key(),
                    CorruptObjectException.NO_BLOCK,
                    object.baseOffset(),
                    "the object is missing or too short: " + failure.getMessage()));
        }
        boolean expired = HistoryException.is(failure, Kind.EXPIRED);
        boolean again = expired || HistoryException.is(failure, Kind.UNAVAILABLE);
        if (!again || attempt >= ATTEMPTS) {
            return CompletableFuture.failedFuture(HistoryException.unwrapped(failure));
        }
        long delayMs = expired && attempt == 1 ? 0 : FIRST_DELAY_MS << (attempt - 1);
        return CompletableFuture.completedFuture(by)
                .thenComposeAsync(this::renewed, CompletableFuture.delayedExecutor(delayMs, TimeUnit.MILLISECONDS))
                .thenCompose(renewed -> attempt(position, length, renewed, attempt + 1));
    }

    private synchronized HistoryRange current() {
        return range;
    }

    /** A range with another link than the one that failed; that one itself where the source gives none now. */
    private CompletableFuture<HistoryRange> renewed(HistoryRange failed) {
        CompletableFuture<HistoryRange> answer;
        synchronized (this) {
            if (!range.equals(failed)) {
                return CompletableFuture.completedFuture(range);
            }
            if (asking != null) {
                return asking;
            }
            answer = new CompletableFuture<>();
            asking = answer;
        }
        source.ranges(partition, object.baseOffset(), 1).whenComplete((page, failure) -> {
            synchronized (this) {
                asking = null;
                if (failure == null && sameObject(page)) {
                    range = page.ranges().get(0);
                }
            }
            if (failure == null && !sameObject(page)) {
                answer.completeExceptionally(new ReplacedException());
            } else {
                answer.complete(current());
            }
        });
        return answer;
    }

    private boolean sameObject(HistoryPage page) {
        return !page.ranges().isEmpty() && page.ranges().get(0).object().equals(object);
    }

    /** The manifest names another object for these offsets now. */
    static final class ReplacedException extends RuntimeException {
        private static final long serialVersionUID = 1;

        @Override
        public synchronized Throwable fillInStackTrace() {
            return this;
        }
    }
}
