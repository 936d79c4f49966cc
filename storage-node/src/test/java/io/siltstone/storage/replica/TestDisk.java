package io.siltstone.storage.replica;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.siltstone.log.DiskId;
import io.siltstone.log.EntryHeader;
import io.siltstone.log.EntryKind;
import io.siltstone.log.PartitionId;
import io.siltstone.log.SegmentId;
import io.siltstone.log.wire.Crc32c;
import io.siltstone.log.wire.proto.Code;
import io.siltstone.storage.journal.JournalFiles;
import io.siltstone.storage.journal.JournalGroup;
import io.siltstone.storage.journal.JournalSettings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;

/** A disk's engine driven by hand, with what tests say of entries. */
final class TestDisk {

    static final DiskId DISK = new DiskId(new UUID(7, 7));
    static final PartitionId PARTITION = new PartitionId(new UUID(1, 2), 3);

    final ReplicaEngine engine;
    final ReplicaCore core;

    TestDisk(JournalFiles files) throws IOException {
        this(files, new JournalSettings(1 << 20, 64 << 20), new ReplicaRules());
    }

    TestDisk(JournalFiles files, JournalSettings settings, ReplicaRules rules) throws IOException {
        engine = ReplicaEngine.startInline(
                files, DISK, settings, rules, new Random(files.list().size()));
        core = engine.core();
        engine.maintain();
    }

    TestDisk(ReplicaEngine engine) {
        this.engine = engine;
        core = engine.core();
    }

    static SegmentId segment(long number) {
        return new SegmentId(PARTITION, number);
    }

    /** An entry of one offset whose base offset is its id. */
    static EntryHeader header(SegmentId segment, long entry, int epoch, ByteBuf payload) {
        return new EntryHeader(
                segment,
                entry,
                epoch,
                entry - 1,
                entry,
                1,
                1000,
                EntryKind.BATCHES,
                0,
                0,
                Crc32c.of(payload),
                payload.readableBytes());
    }

    static ByteBuf payload(long seed, int bytes) {
        byte[] content = new byte[bytes];
        new Random(seed).nextBytes(content);
        return Unpooled.wrappedBuffer(content);
    }

    /** Bytes that tell which entry they belong to. */
    static ByteBuf payloadOf(SegmentId segment, long entry) {
        return payload(segment.hashCode() * 31L + entry, 100 + (int) (entry % 7) * 300);
    }

    void append(WriterLink link, long sequence, SegmentId segment, long entry, int epoch) {
        ByteBuf payload = payloadOf(segment, entry);
        core.append(link, sequence, List.of(header(segment, entry, epoch, payload)), payload);
    }

    /** Writes and forces all that waits. */
    void sync() throws IOException {
        while (engine.hasWork()) {
            JournalGroup group = engine.nextGroup();
            if (group != null) {
                engine.write(group);
                engine.force();
                engine.durable(group);
            }
        }
    }

    /** Writes all that waits, without a force: what a crash may take. */
    void writeOnly() throws IOException {
        JournalGroup group = engine.nextGroup();
        if (group != null) {
            engine.write(group);
        }
    }

    SegmentStat fence(SegmentId segment, int epoch) throws IOException {
        Answer<SegmentStat> answer = new Answer<>();
        core.fence(segment, epoch, answer);
        sync();
        return answer.get();
    }

    ReplicaCore.RecoveryResult recover(SegmentId segment, int fenceEpoch, int epoch, long first, long last)
            throws IOException {
        List<EntryHeader> headers = new ArrayList<>();
        ByteBuf payloads = Unpooled.buffer();
        for (long entry = first; entry <= last; entry++) {
            ByteBuf payload = payloadOf(segment, entry);
            headers.add(header(segment, entry, epoch, payload));
            payloads.writeBytes(payload);
        }
        Answer<ReplicaCore.RecoveryResult> answer = new Answer<>();
        core.recoveryAppend(fenceEpoch, headers, payloads, answer);
        sync();
        return answer.get();
    }

    ReplicaReads.ReadAnswer read(SegmentId segment, long fromEntry, long lastEntry, int maxBytes) {
        Answer<ReplicaReads.ReadAnswer> answer = new Answer<>();
        core.reads().fromEntry(segment, fromEntry, lastEntry, maxBytes, bytes -> true, answer);
        return answer.get();
    }

    List<EntryHeader> readAndRelease(SegmentId segment, long fromEntry, long lastEntry, int maxBytes) {
        ReplicaReads.ReadAnswer answer = read(segment, fromEntry, lastEntry, maxBytes);
        answer.entries().release();
        return answer.entries().headers();
    }

    /** Reads every entry and compares its bytes; tells the last id. */
    long verify(SegmentId segment) {
        long next = 0;
        while (true) {
            ReplicaReads.ReadAnswer answer = read(segment, next, Long.MAX_VALUE, 1 << 20);
            if (answer.code() == Code.NO_SUCH_SEGMENT) {
                return -1;
            }
            if (answer.code() != Code.OK || answer.entries().headers().isEmpty()) {
                if (answer.code() != Code.OK) {
                    throw new AssertionError(answer.code() + ": " + answer.message());
                }
                return next - 1;
            }
            for (int i = 0; i < answer.entries().headers().size(); i++) {
                EntryHeader header = answer.entries().headers().get(i);
                if (header.entry() != next
                        || !answer.entries().payloads().get(i).equals(payloadOf(segment, next))) {
                    throw new AssertionError("entry " + next + " of " + segment + " came back as " + header);
                }
                next++;
            }
            answer.entries().release();
        }
    }

    /** A writer's connection that keeps what it is told. */
    static final class Writer extends WriterLink {
        long acknowledged;
        final List<Refusal> refusals = new ArrayList<>();
        final List<SegmentId> fenced = new ArrayList<>();

        @Override
        protected void acknowledge(long sequence, List<Refusal> refused) {
            acknowledged = sequence;
            refusals.addAll(refused);
        }

        @Override
        protected void fenced(SegmentId segment) {
            fenced.add(segment);
        }

        @Override
        protected boolean isOpen() {
            return true;
        }
    }
}
