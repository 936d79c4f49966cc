package io.siltstone.benchmarks.bytepath;

import io.netty.buffer.ByteBuf;
import io.siltstone.log.DiskId;
import io.siltstone.log.EntryHeader;
import io.siltstone.log.EntryKind;
import io.siltstone.log.PartitionId;
import io.siltstone.log.SegmentId;
import io.siltstone.log.client.ReplicaClient;
import io.siltstone.log.wire.Crc32c;
import io.siltstone.log.writer.Replicas.AppendListener;
import io.siltstone.log.writer.Replicas.Refusal;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A partition's owner that appends as fast as its window of unconfirmed entries lets it, to three disks, two of which
 * confirm. Rolls by size as a real one does. Confined to the loop of its client.
 */
final class FakeOwner implements AppendListener {

    private static final int ACK_QUORUM = 2;

    private final ReplicaClient client;
    private final OwnersValve valve;
    private final List<DiskId> disks;
    private final PartitionId partition;
    private final ByteBuf payload;
    private final int window;
    private final long rollBytes;
    private final AtomicLong confirmedBytes;
    private final Latencies latencies;
    private final long[] acknowledged;
    private final ArrayDeque<Long> sentNanos = new ArrayDeque<>();
    private SegmentId segment;
    private long entry;
    private long confirmed = -1;
    private long offset;
    private long segmentNumber;
    private boolean paced;
    private long arrived;
    private volatile boolean stopped;

    FakeOwner(
            ReplicaClient client,
            OwnersValve valve,
            List<DiskId> disks,
            int number,
            ByteBuf payload,
            int window,
            long rollBytes,
            AtomicLong confirmedBytes,
            Latencies latencies) {
        this.client = client;
        this.valve = valve;
        this.disks = disks;
        this.payload = payload;
        this.window = window;
        this.rollBytes = rollBytes;
        this.confirmedBytes = confirmedBytes;
        this.latencies = latencies;
        partition = new PartitionId(new UUID(7, 7), number);
        segment = new SegmentId(partition, 0);
        acknowledged = new long[disks.size()];
    }

    void start() {
        open();
        fill();
    }

    /** From now on an entry is appended only when it {@link #arrive}s. */
    void pace() {
        paced = true;
    }

    void arrive() {
        arrived++;
        fill();
    }

    /** Appends nothing more; what is in flight may still be confirmed. Any thread may call. */
    void stop() {
        stopped = true;
    }

    private void open() {
        segment = new SegmentId(partition, segmentNumber++);
        entry = 0;
        confirmed = -1;
        Arrays.fill(acknowledged, -1);
        client.listen(segment, this);
    }

    /** Appends what the window lets in. */
    void fill() {
        while (!stopped && valve.isOpen() && (!paced || arrived > 0) && entry - confirmed <= window) {
            if (entry * payload.readableBytes() >= rollBytes) {
                if (confirmed < entry - 1) {
                    return;
                }
                long finished = segmentNumber;
                client.forget(segment);
                disks.forEach(disk -> client.delete(disk, partition, finished, answer -> {}));
                open();
            }
            append();
        }
    }

    private void append() {
        arrived--;
        EntryHeader header = new EntryHeader(
                segment,
                entry++,
                1,
                confirmed,
                offset,
                64,
                System.currentTimeMillis(),
                EntryKind.BATCHES,
                0,
                0,
                Crc32c.of(payload),
                payload.readableBytes());
        offset += header.offsetCount();
        sentNanos.add(System.nanoTime());
        for (int i = 0; i < disks.size(); i++) {
            client.append(disks.get(i), header, payload);
        }
    }

    @Override
    public void acknowledged(DiskId disk, long lastEntry) {
        acknowledged[disks.indexOf(disk)] = lastEntry;
        long[] sorted = acknowledged.clone();
        Arrays.sort(sorted);
        long reached = sorted[sorted.length - ACK_QUORUM];
        long now = System.nanoTime();
        while (confirmed < reached) {
            confirmed++;
            confirmedBytes.addAndGet(payload.readableBytes());
            latencies.record(now - sentNanos.remove());
        }
        fill();
    }

    @Override
    public void refused(DiskId disk, Refusal why) {
        throw new IllegalStateException("disk " + disk + " refuses segment " + segment + ": " + why);
    }

    @Override
    public void linkLost(DiskId disk, String why) {
        if (!stopped) {
            throw new IllegalStateException("lost disk " + disk + ": " + why);
        }
    }
}
