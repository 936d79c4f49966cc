package io.siltstone.ingest.kafka;

import io.siltstone.ingest.group.OffsetsLog;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.coordinator.common.runtime.CoordinatorLoader;
import org.apache.kafka.coordinator.common.runtime.CoordinatorPlayback;
import org.apache.kafka.coordinator.common.runtime.CoordinatorRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads an offsets partition from its start to the end that it had when the load began, and replays it into the
 * coordinator. A read that fails is repeated while the tenure lasts. Loads run on the executor, one read at a time each,
 * so that none occupies a thread while it waits for bytes. Does not own the executor.
 */
final class OffsetsLoader implements CoordinatorLoader<CoordinatorRecord> {

    private static final Logger LOG = LoggerFactory.getLogger(OffsetsLoader.class);
    private static final long RETRY_MS = 100;

    private final OffsetsTenures tenures;
    private final ScheduledExecutorService executor;
    private final int readBytes;
    private final Time time;

    OffsetsLoader(OffsetsTenures tenures, ScheduledExecutorService executor, int readBytes, Time time) {
        this.tenures = tenures;
        this.executor = executor;
        this.readBytes = readBytes;
        this.time = time;
    }

    @Override
    public CompletableFuture<LoadSummary> load(
            TopicPartition partition, CoordinatorPlayback<CoordinatorRecord> playback) {
        try {
            Load load = new Load(partition, tenures.load(partition), playback);
            load.next();
            return load.done;
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public void close() {}

    /** One load; confined to one step at a time. */
    private final class Load {

        private final TopicPartition partition;
        private final OffsetsLog log;
        private final OffsetsReplay replay;
        private final CompletableFuture<LoadSummary> done = new CompletableFuture<>();
        private final long startMs = time.milliseconds();
        private final long end;
        private long next;

        Load(TopicPartition partition, OffsetsLog log, CoordinatorPlayback<CoordinatorRecord> playback) {
            this.partition = partition;
            this.log = log;
            this.replay = new OffsetsReplay(partition, playback);
            this.end = log.endOffset();
            this.next = log.startOffset();
        }

        void next() {
            if (next >= end) {
                finish();
                return;
            }
            log.read(next, readBytes).whenCompleteAsync(this::replay, executor);
        }

        private void replay(MemoryRecords records, Throwable failure) {
            try {
                if (failure != null) {
                    retryOrFail(
                            failure instanceof CompletionException e && e.getCause() != null ? e.getCause() : failure);
                    return;
                }
                next = Math.max(next, replay.replay(records));
                if (next < end && records.sizeInBytes() == 0) {
                    again();
                } else {
                    next();
                }
            } catch (RuntimeException e) {
                done.completeExceptionally(e);
            }
        }

        private void retryOrFail(Throwable failure) {
            if (failure instanceof NotLeaderOrFollowerException || !(failure instanceof RetriableException)) {
                done.completeExceptionally(failure);
                return;
            }
            LOG.warn("Reading {} at offset {} failed, will be repeated: {}", partition, next, failure.toString());
            again();
        }

        private void again() {
            executor.schedule(this::nextOrFail, RETRY_MS, TimeUnit.MILLISECONDS);
        }

        private void nextOrFail() {
            try {
                next();
            } catch (RuntimeException e) {
                done.completeExceptionally(e);
            }
        }

        private void finish() {
            replay.finish(end);
            long endMs = time.milliseconds();
            LOG.info(
                    "Loaded {} records of {} up to offset {} in {} ms",
                    replay.records(),
                    partition,
                    end,
                    endMs - startMs);
            done.complete(new LoadSummary(startMs, endMs, 0, replay.records(), replay.bytes()));
        }
    }
}
