package io.siltstone.log.writer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.siltstone.log.DiskId;
import io.siltstone.log.EntryHeader;
import io.siltstone.log.PartitionId;
import io.siltstone.log.SegmentId;
import io.siltstone.log.chain.Owner;
import io.siltstone.log.chain.PartitionState;
import io.siltstone.log.chain.Quorum;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Three or more fake disks, one partition, and owners of it whose state is the text of all records. */
final class LogFixture {

    final VirtualTime time = new VirtualTime();
    final FakeChainStore chains = new FakeChainStore(time);
    final FakeReplicas replicas = new FakeReplicas(time);
    final PartitionId partition = new PartitionId(new UUID(7, 7), 3);
    final List<DiskId> disks;
    final Set<DiskId> down = new LinkedHashSet<>();
    final Set<DiskId> full = new LinkedHashSet<>();
    final Map<DiskId, String> domains = new HashMap<>();
    LogSettings settings = new LogSettings(new Quorum(3, 2), 1 << 20, 600_000, 1 << 20, 5_000);
    private int owners;

    LogFixture(int diskCount) {
        List<DiskId> all = new ArrayList<>();
        for (int i = 0; i < diskCount; i++) {
            all.add(new DiskId(new UUID(0, i + 1)));
        }
        disks = List.copyOf(all);
    }

    final Placement placement = new Placement() {
        @Override
        public List<DiskId> choose(int width, Set<DiskId> avoid) {
            List<DiskId> chosen = new ArrayList<>();
            disks.stream().filter(disk -> takes(disk) && !avoid.contains(disk)).forEach(chosen::add);
            disks.stream().filter(disk -> takes(disk) && avoid.contains(disk)).forEach(chosen::add);
            return chosen.subList(0, Math.min(width, chosen.size()));
        }

        @Override
        public List<DiskId> chooseDespiteRoom(int width) {
            return disks.stream().filter(this::isLive).limit(width).toList();
        }

        private boolean takes(DiskId disk) {
            return isLive(disk) && !full.contains(disk);
        }

        @Override
        public boolean isLive(DiskId disk) {
            return !down.contains(disk);
        }

        @Override
        public String domain(DiskId disk) {
            return domains.getOrDefault(disk, "rack");
        }
    };

    DiskId disk(int index) {
        return disks.get(index);
    }

    SegmentId segment(long number) {
        return new SegmentId(partition, number);
    }

    PartitionState state() {
        return chains.state;
    }

    TestOwner owner() {
        return new TestOwner(new Owner(++owners, owners * 1000L));
    }

    TestOwner openOwner() {
        TestOwner owner = owner();
        owner.log.takeOver();
        time.advance(10);
        return owner;
    }

    /** An owner whose replicated state is the concatenation of its records' text. */
    final class TestOwner implements PartitionLog.Listener {

        final PartitionLog log;
        final StringBuilder appended = new StringBuilder();
        final List<Long> ends = new ArrayList<>();
        long confirmed;
        boolean opened;

        @Nullable
        Resignation resigned;

        TestOwner(Owner self) {
            log = new PartitionLog(partition, self, () -> settings, chains, replicas, time, placement, this);
        }

        void append(String record) {
            appended.append(record);
            log.append(batch(log.nextOffset(), record), 1);
        }

        @Override
        public void restore(ByteBuf snapshot) {
            appended.setLength(0);
            appended.append(snapshot.toString(StandardCharsets.UTF_8));
        }

        @Override
        public void replay(EntryHeader header, ByteBuf batches) {
            appended.append(
                    batches.toString(batches.readerIndex() + 61, batches.readableBytes() - 61, StandardCharsets.UTF_8));
        }

        @Override
        public void opened(int epoch, long logStart, long endOffset) {
            opened = true;
            confirmed = endOffset;
        }

        @Override
        public ByteBuf snapshot(long offset) {
            return Unpooled.copiedBuffer(appended.substring(0, (int) offset), StandardCharsets.UTF_8);
        }

        @Override
        public void confirmed(long highWatermark, SegmentId segment, long lastEntry) {
            confirmed = highWatermark;
        }

        @Override
        public void stateChanged(PartitionState state) {}

        @Override
        public void resigned(Resignation why) {
            resigned = why;
        }
    }

    /** A record batch of one record as far as the log looks at it; each record is one letter, so offsets count letters. */
    static ByteBuf batch(long offset, String text) {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        ByteBuf batch = Unpooled.buffer(61 + body.length);
        batch.writeZero(61);
        batch.setLong(0, offset).setInt(8, 49 + body.length).setByte(16, 2).setLong(35, 1_000 + offset);
        return batch.writeBytes(body);
    }
}
