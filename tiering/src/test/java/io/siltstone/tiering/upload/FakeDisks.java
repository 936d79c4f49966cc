package io.siltstone.tiering.upload;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.siltstone.log.DiskId;
import io.siltstone.log.EntryHeader;
import io.siltstone.log.PartitionId;
import io.siltstone.log.SegmentId;
import io.siltstone.log.writer.Replicas;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Storage disks that hold closed segments and answer reads; some of them badly. */
final class FakeDisks implements Replicas, SegmentDrops {

    /** An entry as it lies on a disk. */
    record Stored(EntryHeader header, ByteBuf payload) {}

    private final VirtualLoop loop;
    private final Map<SegmentId, List<Stored>> segments = new HashMap<>();
    private final Map<DiskId, Long> droppedBelow = new HashMap<>();
    private final Set<DiskId> silent = new HashSet<>();
    private final Set<DiskId> corrupting = new HashSet<>();
    private UnaryOperator<Answer<List<Entry>>> faults = answer -> answer;

    FakeDisks(VirtualLoop loop) {
        this.loop = loop;
    }

    void put(SegmentId segment, List<Stored> entries) {
        segments.put(segment, entries);
    }

    void silence(DiskId disk) {
        silent.add(disk);
    }

    void corrupt(DiskId disk) {
        corrupting.add(disk);
    }

    void faults(UnaryOperator<Answer<List<Entry>>> newFaults) {
        faults = newFaults;
    }

    Map<DiskId, Long> droppedBelow() {
        return droppedBelow;
    }

    @Override
    public void read(
            DiskId disk,
            SegmentId segment,
            long fromEntry,
            long lastEntry,
            int maxBytes,
            Consumer<Answer<List<Entry>>> answer) {
        if (silent.contains(disk)) {
            return;
        }
        if (droppedBelow.getOrDefault(disk, 0L) > segment.number()) {
            loop.schedule(1, () -> answer.accept(new Answer.Failed<>("dropped")));
            return;
        }
        List<Entry> entries = new ArrayList<>();
        long bytes = 0;
        for (Stored entry : segments.getOrDefault(segment, List.of())) {
            boolean wanted =
                    entry.header().entry() >= fromEntry && entry.header().entry() <= lastEntry;
            if (wanted && (entries.isEmpty() || bytes + entry.header().length() <= maxBytes)) {
                entries.add(new Entry(entry.header(), payload(disk, entry)));
                bytes += entry.header().length();
            }
        }
        Answer<List<Entry>> given = faults.apply(new Answer.Ok<>(entries));
        loop.schedule(1, () -> answer.accept(given));
    }

    private ByteBuf payload(DiskId disk, Stored entry) {
        byte[] bytes = ByteBufUtil.getBytes(entry.payload());
        if (corrupting.contains(disk)) {
            bytes[bytes.length / 2] ^= 1;
        }
        return Unpooled.wrappedBuffer(bytes);
    }

    @Override
    public void drop(DiskId disk, PartitionId partition, long below, Consumer<Boolean> answer) {
        droppedBelow.merge(disk, below, Math::max);
        loop.schedule(1, () -> answer.accept(true));
    }

    @Override
    public void append(DiskId disk, EntryHeader header, ByteBuf payload) {
        throw new UnsupportedOperationException("append");
    }

    @Override
    public void listen(SegmentId segment, AppendListener listener) {
        throw new UnsupportedOperationException("listen");
    }

    @Override
    public void forget(SegmentId segment) {
        throw new UnsupportedOperationException("forget");
    }

    @Override
    public void abandon(DiskId disk, SegmentId segment) {
        throw new UnsupportedOperationException("abandon");
    }

    @Override
    public void fence(DiskId disk, SegmentId segment, int epoch, Consumer<Answer<SegmentStanding>> answer) {
        throw new UnsupportedOperationException("fence");
    }

    @Override
    public void stat(DiskId disk, SegmentId segment, Consumer<Answer<SegmentStanding>> answer) {
        throw new UnsupportedOperationException("stat");
    }

    @Override
    public void recoveryAppend(DiskId disk, int epoch, List<Entry> entries, Consumer<Answer<SegmentStanding>> answer) {
        throw new UnsupportedOperationException("recoveryAppend");
    }
}
