package io.siltstone.ingest.partition;

import io.netty.buffer.ByteBuf;
import io.siltstone.log.DiskId;
import io.siltstone.log.EntryKind;
import io.siltstone.log.SegmentId;
import io.siltstone.log.chain.ChainSegment;
import io.siltstone.log.chain.ManifestPointer;
import io.siltstone.log.chain.PartitionState;
import io.siltstone.log.writer.PartitionLog;
import io.siltstone.log.writer.Replicas.Answer;
import io.siltstone.log.writer.Replicas.Entry;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a partition from wherever an offset lies: the tail cache, the storage disks, the bucket. Confined to the
 * partition's event loop.
 *
 * <p>Rule 15: each read starts with the batch that holds its offset and has no gap, whatever source answers and whatever
 * the sources share; nothing at or above the high watermark (rule 4), nothing above a closed segment's end (rule 8).
 * Reads of old data never touch the tail cache.
 */
public final class PartitionReader {

    private static final Logger LOG = LoggerFactory.getLogger(PartitionReader.class);
    /** What one read of old data takes at most, whatever is asked for; a first batch that is longer comes whole. */
    public static final int MAX_BACKLOG_READ_BYTES = 4 << 20;

    private final Partition partition;
    private final PartitionLog log;
    private final PartitionLoop loop;
    private final TailCache.Tail tail;
    private int nextReplica;

    PartitionReader(Partition partition, PartitionLog log, PartitionLoop loop, TailCache.Tail tail) {
        this.partition = partition;
        this.log = log;
        this.loop = loop;
        this.tail = tail;
    }

    /** Where an offset can be read. */
    public enum Place {
        TAIL,
        /** On storage disks or in the bucket. */
        BACKLOG,
        /** At the high watermark: nothing yet. */
        END,
        /** Below the log start or above the high watermark. */
        OUT_OF_RANGE,
        /** This node does not serve the partition, or not yet. */
        NOT_SERVED
    }

    public Place place(long offset) {
        if (!partition.isOpen()) {
            return Place.NOT_SERVED;
        }
        if (offset < partition.logStartOffset() || offset > partition.highWatermark()) {
            return Place.OUT_OF_RANGE;
        }
        if (offset == partition.highWatermark()) {
            return Place.END;
        }
        return tail.contains(offset) ? Place.TAIL : Place.BACKLOG;
    }

    /** Reads from the tail cache; the offset's place is {@link Place#TAIL}. The buffers belong to the caller. */
    public List<ByteBuf> readTail(long offset, int maxBytes) {
        loop.metrics().readTail();
        return tail.read(offset, maxBytes);
    }

    /** Rule 5: fails with "out of range" once an ack quorum has confirmed that this node knows. */
    public void refuseOutOfRange(long offset, ReadCallback callback) {
        partition.confirmOwnership(owner -> {
            Place now = place(offset);
            if (owner && now == Place.OUT_OF_RANGE) {
                callback.failed(new OffsetOutOfRangeException("offset " + offset + " of " + partition.name()
                        + " is not from " + partition.logStartOffset() + " to " + partition.highWatermark()));
            } else if (owner && now == Place.END) {
                callback.read(List.of());
            } else if (owner && now != Place.NOT_SERVED) {
                read(offset, 1, callback);
            } else {
                callback.failed(notServed());
            }
        });
    }

    /**
     * Reads whole batches from the one that holds the offset on.
     *
     * @param maxBytes exceeded by the first batch alone
     * @param callback called now where the tail cache has them, else later
     */
    public void read(long offset, int maxBytes, ReadCallback callback) {
        switch (place(offset)) {
            case TAIL -> callback.read(readTail(offset, maxBytes));
            case BACKLOG -> readBacklog(offset, Math.min(maxBytes, MAX_BACKLOG_READ_BYTES), callback);
            case END -> callback.read(List.of());
            case OUT_OF_RANGE -> refuseOutOfRange(offset, callback);
            case NOT_SERVED -> callback.failed(notServed());
        }
    }

    private RuntimeException notServed() {
        return partition.isOver()
                ? partition.overBecause()
                : new NotLeaderOrFollowerException(partition.name() + " is still being taken over");
    }

    private void readBacklog(long offset, int maxBytes, ReadCallback callback) {
        PartitionState state = log.state();
        ManifestPointer manifest = state.manifest();
        TieredReads tiered = loop.tiered();
        if (manifest != null && tiered != null && offset < manifest.endOffset()) {
            loop.metrics().readBucket();
            tiered.read(partition.id(), manifest, offset, maxBytes)
                    .whenComplete((batches, failure) -> loop.eventLoop().execute(() -> {
                        if (failure == null) {
                            callback.read(batches);
                        } else {
                            bucketFailed(offset, maxBytes, failure, callback);
                        }
                    }));
            return;
        }
        readDisks(offset, maxBytes, callback);
    }

    private void bucketFailed(long offset, int maxBytes, Throwable failure, ReadCallback callback) {
        if (!partition.isOpen()) {
            callback.failed(notServed());
        } else if (segmentOf(log.state(), offset).isPresent()) {
            LOG.warn(
                    "The bucket did not give offset {} of {}, the disks still have it",
                    offset,
                    partition.name(),
                    failure);
            readDisks(offset, maxBytes, callback);
        } else {
            LOG.warn("The bucket did not give offset {} of {}", offset, partition.name(), failure);
            callback.failed(new KafkaStorageException(
                    "the bucket did not give offset " + offset + " of " + partition.name() + ": " + failure, failure));
        }
    }

    /** The listed segment that holds the offset. */
    private Optional<ChainSegment> segmentOf(PartitionState state, long offset) {
        for (int i = state.segments().size() - 1; i >= 0; i--) {
            ChainSegment segment = state.segments().get(i);
            if (segment.baseOffset() <= offset && offset < endOf(segment)) {
                return Optional.of(segment);
            }
        }
        return Optional.empty();
    }

    private long endOf(ChainSegment segment) {
        return segment instanceof ChainSegment.Closed closed ? closed.end().endOffset() : partition.highWatermark();
    }

    private long lastEntryOf(ChainSegment segment) {
        return segment instanceof ChainSegment.Closed closed
                ? closed.end().lastEntry()
                : partition.lastConfirmedEntry(segment.number());
    }

    private void readDisks(long offset, int maxBytes, ReadCallback callback) {
        Optional<ChainSegment> segment = segmentOf(log.state(), offset);
        if (segment.isEmpty()) {
            callback.failed(new KafkaStorageException("offset " + offset + " of " + partition.name()
                    + " lies in the bucket, which this node does not reach"));
            return;
        }
        loop.metrics().readDisk();
        new DiskRead(segment.get(), offset, maxBytes, inTurn(segment.get().replicas()), callback).tryNext(null);
    }

    /** Another disk first at each read, and those that are down last: they cost a time-out. */
    private List<DiskId> inTurn(List<DiskId> replicas) {
        List<DiskId> disks = new ArrayList<>(replicas);
        Collections.rotate(disks, nextReplica++);
        disks.sort(Comparator.comparing(disk -> !loop.placement().isLive(disk)));
        return disks;
    }

    /** One read of a segment, which asks its disks in turn until one has what is wanted. */
    private final class DiskRead {

        private final ChainSegment segment;
        private final long offset;
        private final int maxBytes;
        private final List<DiskId> disks;
        private final ReadCallback callback;
        private int tried;

        DiskRead(ChainSegment segment, long offset, int maxBytes, List<DiskId> disks, ReadCallback callback) {
            this.segment = segment;
            this.offset = offset;
            this.maxBytes = maxBytes;
            this.disks = disks;
            this.callback = callback;
        }

        void tryNext(@Nullable String whyNot) {
            if (!partition.isOpen()) {
                callback.failed(notServed());
                return;
            }
            if (tried == disks.size()) {
                callback.failed(new KafkaStorageException("none of " + disks + " gave offset " + offset + " of "
                        + partition.name() + " from segment " + segment.number() + ": " + whyNot));
                return;
            }
            DiskId disk = disks.get(tried++);
            SegmentId id = new SegmentId(partition.id(), segment.number());
            loop.reads().read(disk, id, offset, lastEntryOf(segment), maxBytes, answer -> answered(disk, answer));
        }

        private void answered(DiskId disk, Answer<List<Entry>> answer) {
            if (!(answer instanceof Answer.Ok<List<Entry>> ok)) {
                tryNext(disk + " answered " + answer);
                return;
            }
            List<ByteBuf> batches = new ArrayList<>(ok.value().size());
            long next = takeInOrder(ok.value(), batches);
            if (next > offset) {
                callback.read(batches);
            } else {
                tryNext(disk + " does not hold it yet");
            }
        }

        /** Keeps what follows the offset without a gap below the end, releases the rest. */
        private long takeInOrder(List<Entry> entries, List<ByteBuf> batches) {
            long limit = Math.min(endOf(segment), partition.highWatermark());
            long next = offset;
            for (Entry entry : entries) {
                boolean holdsNext = entry.header().kind() == EntryKind.BATCHES
                        && entry.header().baseOffset() <= next
                        && entry.header().endOffset() > next
                        && (next == offset || entry.header().baseOffset() == next)
                        && entry.header().endOffset() <= limit;
                if (holdsNext) {
                    next = entry.header().endOffset();
                    batches.add(entry.payload());
                } else {
                    entry.payload().release();
                }
            }
            return next;
        }
    }
}
