package io.siltstone.log.writer;

import io.netty.buffer.ByteBuf;
import io.siltstone.log.DiskId;
import io.siltstone.log.EntryHeader;
import io.siltstone.log.EntryKind;
import io.siltstone.log.SegmentId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Disks in memory that keep rules 1 and 2 in the simplest way. A test may hold a disk's answers back, wipe it or cut it
 * off.
 */
final class FakeReplicas implements Replicas {

    static final class Segment {
        final List<Entry> entries = new ArrayList<>();
        int fencedBy = -1;
    }

    private final VirtualTime time;
    private final Map<DiskId, Map<SegmentId, Segment>> disks = new TreeMap<>();
    private final Map<SegmentId, AppendListener> listeners = new HashMap<>();
    private final Map<DiskId, List<Runnable>> heldBack = new HashMap<>();
    final Set<DiskId> holding = new HashSet<>();
    final Set<DiskId> unreachable = new HashSet<>();
    final Set<DiskId> wiped = new HashSet<>();
    final Set<DiskId> unreadable = new HashSet<>();
    final Set<DiskId> abandoned = new HashSet<>();

    FakeReplicas(VirtualTime time) {
        this.time = time;
    }

    Segment segment(DiskId disk, SegmentId id) {
        return disks.computeIfAbsent(disk, any -> new HashMap<>()).computeIfAbsent(id, any -> new Segment());
    }

    List<EntryHeader> held(DiskId disk, SegmentId id) {
        return segment(disk, id).entries.stream().map(Entry::header).toList();
    }

    /** What waited for the disk is answered now. */
    void letGo(DiskId disk) {
        holding.remove(disk);
        List<Runnable> answers = heldBack.getOrDefault(disk, List.of());
        heldBack.remove(disk);
        answers.forEach(time::soon);
    }

    void breakLink(DiskId disk) {
        unreachable.add(disk);
        heldBack.remove(disk);
        List.copyOf(listeners.values()).forEach(listener -> listener.linkLost(disk, "scripted"));
    }

    void release() {
        disks.values()
                .forEach(segments -> segments.values()
                        .forEach(segment ->
                                segment.entries.forEach(entry -> entry.payload().release())));
        disks.clear();
    }

    @Override
    public void append(DiskId disk, EntryHeader header, ByteBuf payload) {
        ByteBuf copy = payload.copy();
        time.soon(() -> {
            if (unreachable.contains(disk)) {
                copy.release();
                return;
            }
            Segment segment = segment(disk, header.segment());
            if (wiped.contains(disk) || segment.fencedBy >= 0 || segment.entries.size() != header.entry()) {
                copy.release();
                Refusal why = segment.fencedBy >= 0 ? Refusal.FENCED : Refusal.UNUSABLE;
                tell(disk, header.segment(), listener -> listener.refused(disk, why));
                return;
            }
            segment.entries.add(new Entry(header, copy));
            tell(disk, header.segment(), listener -> listener.acknowledged(disk, header.entry()));
        });
    }

    private void tell(DiskId disk, SegmentId id, Consumer<AppendListener> what) {
        Runnable answer = () -> {
            AppendListener listener = listeners.get(id);
            if (listener != null) {
                what.accept(listener);
            }
        };
        if (holding.contains(disk)) {
            heldBack.computeIfAbsent(disk, any -> new ArrayList<>()).add(answer);
        } else {
            time.soon(answer);
        }
    }

    @Override
    public void listen(SegmentId segment, AppendListener listener) {
        listeners.put(segment, listener);
    }

    @Override
    public void forget(SegmentId segment) {
        listeners.remove(segment);
    }

    @Override
    public void abandon(DiskId disk, SegmentId segment) {
        abandoned.add(disk);
    }

    @Override
    public void fence(DiskId disk, SegmentId id, int epoch, Consumer<Answer<SegmentStanding>> answer) {
        ask(disk, answer, () -> {
            Segment segment = segment(disk, id);
            segment.fencedBy = Math.max(segment.fencedBy, epoch);
            return new Answer.Ok<>(standing(segment));
        });
    }

    @Override
    public void stat(DiskId disk, SegmentId id, Consumer<Answer<SegmentStanding>> answer) {
        ask(disk, answer, () -> new Answer.Ok<>(standing(segment(disk, id))));
    }

    @Override
    public void read(
            DiskId disk,
            SegmentId id,
            long fromEntry,
            long lastEntry,
            int maxBytes,
            Consumer<Answer<List<Entry>>> answer) {
        ask(disk, answer, () -> {
            if (unreadable.contains(disk)) {
                return new Answer.Failed<>("unreadable");
            }
            List<Entry> found = new ArrayList<>();
            for (Entry entry : segment(disk, id).entries) {
                if (entry.header().entry() >= fromEntry && entry.header().entry() <= lastEntry) {
                    found.add(new Entry(entry.header(), entry.payload().copy()));
                }
            }
            return new Answer.Ok<>(found);
        });
    }

    @Override
    public void recoveryAppend(DiskId disk, int epoch, List<Entry> entries, Consumer<Answer<SegmentStanding>> answer) {
        List<Entry> copies = entries.stream()
                .map(entry -> new Entry(entry.header(), entry.payload().copy()))
                .toList();
        ask(disk, answer, () -> {
            Segment segment = segment(disk, copies.get(0).header().segment());
            copies.forEach(copy -> {
                if (copy.header().entry() == segment.entries.size()) {
                    segment.entries.add(copy);
                } else {
                    copy.payload().release();
                }
            });
            return new Answer.Ok<>(standing(segment));
        });
    }

    private <T> void ask(DiskId disk, Consumer<Answer<T>> answer, java.util.function.Supplier<Answer<T>> whenReached) {
        time.soon(() -> {
            if (unreachable.contains(disk)) {
                time.soon(() -> answer.accept(new Answer.Failed<>("unreachable")));
            } else if (wiped.contains(disk)) {
                time.soon(() -> answer.accept(new Answer.Unknown<>()));
            } else {
                Answer<T> result = whenReached.get();
                time.soon(() -> answer.accept(result));
            }
        });
    }

    private static SegmentStanding standing(Segment segment) {
        long endOffset = 0;
        long snapshot = -1;
        for (Entry entry : segment.entries) {
            endOffset = entry.header().endOffset();
            if (entry.header().kind() == EntryKind.SNAPSHOT
                    && entry.header().chunk() == entry.header().chunks() - 1) {
                snapshot = entry.header().entry() - entry.header().chunk();
            }
        }
        return new SegmentStanding(segment.fencedBy >= 0, segment.entries.size() - 1, -1, endOffset, snapshot);
    }
}
