package io.siltstone.testkit.simulation;

import io.siltstone.log.EntryHeader;
import io.siltstone.log.EntryKind;
import io.siltstone.log.PartitionId;
import io.siltstone.log.SegmentId;
import io.siltstone.log.wire.proto.Code;
import io.siltstone.storage.journal.JournalGroup;
import io.siltstone.storage.journal.JournalItem;
import io.siltstone.storage.replica.ReplicaCore;
import io.siltstone.storage.replica.SegmentStat;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** What one disk identity durably holds, as the checker saw each fsync end. Knows nothing of the disk's own index. */
final class DiskLedger {

    private static final class Held {
        final TreeMap<Long, Integer> batches = new TreeMap<>();
        long lastEntry = -1;
        int fencedBy = -1;
    }

    private final Map<Long, Held> segments = new HashMap<>();
    private long dropped;
    private long dropAsked;

    boolean holds(long segment, long offset, int batch) {
        Held held = segments.get(segment);
        return held != null && Integer.valueOf(batch).equals(held.batches.get(offset));
    }

    SortedMap<Long, Integer> content(long segment) {
        Held held = segments.get(segment);
        return held == null ? new TreeMap<>() : new TreeMap<>(held.batches);
    }

    long lastEntry(long segment) {
        Held held = segments.get(segment);
        return held == null ? -1 : held.lastEntry;
    }

    /** The disk was told to drop; it may do so at any time from now on. */
    void dropAsked(long below) {
        dropAsked = Math.max(dropAsked, below);
    }

    /** The group was forced; its payloads are still there to be read. */
    void fsynced(JournalGroup group) {
        for (JournalItem item : group.items()) {
            if (item instanceof JournalItem.Entry entry && !entry.moved()) {
                add(entry.header(), entry.payload());
            } else if (item instanceof JournalItem.Fence fence) {
                Held held = held(fence.segment().number());
                held.fencedBy = Math.max(held.fencedBy, fence.epoch());
            } else if (item instanceof JournalItem.Drop drop) {
                dropped = Math.max(dropped, drop.below());
                segments.keySet().removeIf(number -> number < dropped);
            }
        }
    }

    private Held held(long segment) {
        return segments.computeIfAbsent(segment, any -> new Held());
    }

    private void add(EntryHeader header, io.netty.buffer.ByteBuf payload) {
        long number = header.segment().number();
        if (number < dropped) {
            return;
        }
        Held held = held(number);
        held.lastEntry = Math.max(held.lastEntry, header.entry());
        if (header.kind() == EntryKind.BATCHES) {
            held.batches.put(header.baseOffset(), Batches.id(payload));
        }
    }

    /**
     * Rule 1 after a restart: the disk still knows all that was fsynced. What it has beyond that was made durable by the
     * start and counts from now on.
     */
    void compare(String node, PartitionId partition, ReplicaCore core) {
        for (Map.Entry<Long, Held> known : Map.copyOf(segments).entrySet()) {
            SegmentId id = new SegmentId(partition, known.getKey());
            SegmentStat stat = core.stat(id);
            Held held = known.getValue();
            boolean gone = stat.code() == Code.FENCED && stat.lastEntry() < 0;
            if (gone && id.number() < dropAsked) {
                dropped = Math.max(dropped, id.number() + 1);
                segments.remove(id.number());
                continue;
            }
            if (stat.lastEntry() < held.lastEntry) {
                throw new Violation(
                        "1",
                        node + " had fsynced segment " + id.number() + " up to entry " + held.lastEntry
                                + ", after a restart it holds " + stat.lastEntry() + " (" + stat.code() + ")");
            }
            if (held.fencedBy >= 0 && stat.code() != Code.FENCED) {
                throw new Violation(
                        "1",
                        node + " had fsynced the fence mark of segment " + id.number() + ", after a restart it answers "
                                + stat.code());
            }
        }
        for (SegmentStat stat : core.list(partition)) {
            readAll(node, stat, core);
        }
    }

    private void readAll(String node, SegmentStat stat, ReplicaCore core) {
        Held before = held(stat.segment().number());
        Held now = new Held();
        now.lastEntry = stat.lastEntry();
        now.fencedBy = stat.code() == Code.FENCED ? Math.max(0, before.fencedBy) : -1;
        long next = 0;
        while (next <= stat.lastEntry()) {
            next = readSome(node, stat, core, next, now);
        }
        before.batches.forEach((offset, batch) -> {
            if (!batch.equals(now.batches.get(offset))) {
                throw new Violation(
                        "1",
                        node + " had fsynced batch " + batch + " at offset " + offset + ", after a restart it has "
                                + now.batches.get(offset));
            }
        });
        segments.put(stat.segment().number(), now);
    }

    private static long readSome(String node, SegmentStat stat, ReplicaCore core, long from, Held into) {
        long[] next = {from};
        String[] why = {""};
        core.reads().fromEntry(stat.segment(), from, stat.lastEntry(), 1 << 20, bytes -> true, answer -> {
            why[0] = answer.code() + " " + answer.message();
            for (int i = 0; i < answer.entries().headers().size(); i++) {
                EntryHeader header = answer.entries().headers().get(i);
                if (header.kind() == EntryKind.BATCHES) {
                    into.batches.put(
                            header.baseOffset(),
                            Batches.id(answer.entries().payloads().get(i)));
                }
                next[0] = header.entry() + 1;
            }
            answer.entries().release();
        });
        if (next[0] == from) {
            throw new Violation(
                    "1",
                    node + " says that it holds entry " + from + " of " + stat + ", and does not give it: " + why[0]);
        }
        return next[0];
    }
}
