package io.siltstone.storage.replica;

import io.netty.buffer.ByteBuf;
import io.siltstone.log.EntryHeader;
import io.siltstone.log.PartitionId;
import io.siltstone.log.SegmentId;
import io.siltstone.log.wire.proto.Code;
import io.siltstone.storage.journal.JournalGroup;
import io.siltstone.storage.journal.JournalItem;
import io.siltstone.storage.journal.JournalQueue;
import io.siltstone.storage.journal.JournalSpace;
import io.siltstone.storage.replica.EntryJudge.Verdict;
import io.siltstone.storage.replica.WriterLink.AppendFrame;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a storage disk takes, refuses and promises (rules 1, 2 and 13). Owned by one thread, the core's.
 *
 * <p>Everything that changes the disk goes through one queue to the journal, in the order in which it was decided here;
 * an answer is a barrier in that queue, reached when all before it is fsynced. That serialises each segment's appends,
 * fences and recovery writes, and makes a fence's answer wait for its mark and for every append accepted before it.
 * Refusals change nothing and need not wait.
 */
public final class ReplicaCore {

    private final SegmentStore store;
    private final JournalQueue queue;
    private final ReplicaRules rules;
    private final ReadPlanner planner;
    private final EntryJudge judge;
    private final ReplicaReads reads;
    private final Set<WriterLink> touched = new LinkedHashSet<>();

    ReplicaCore(SegmentStore store, JournalSpace space, JournalQueue queue, ReplicaRules rules, ReadPlanner planner) {
        this.store = store;
        this.queue = queue;
        this.rules = rules;
        this.planner = planner;
        this.judge = new EntryJudge(store, space, queue, rules);
        this.reads = new ReplicaReads(store, planner);
    }

    /** Reads of what the disk holds. */
    public ReplicaReads reads() {
        return reads;
    }

    /** What a recovery append came to. */
    public record RecoveryResult(Code code, SegmentStat stat) {}

    /**
     * A writer's frame.
     *
     * @param sequence frames of a link are numbered upwards
     * @param payloads the entries' bytes, one after the other; taken over
     */
    public void append(WriterLink link, long sequence, List<EntryHeader> headers, ByteBuf payloads) {
        link.frames().add(new AppendFrame(sequence, headers, payloads));
        if (link.frames().size() == 1) {
            takeFrames(link);
        }
    }

    /**
     * A writer's frame for which there is no memory: each of its entries is refused, and nothing is kept.
     *
     * @return false where an earlier frame of the link still waits to be taken: then this one cannot be judged yet, and
     *     nothing was done
     */
    public boolean refuse(WriterLink link, long sequence, List<EntryHeader> headers) {
        if (!link.frames().isEmpty()) {
            return false;
        }
        for (EntryHeader header : headers) {
            link.refuse(header.segment(), header.entry(), Code.BUSY);
        }
        link.frameRefused(sequence);
        link.tell(rules);
        return true;
    }

    private void takeFrames(WriterLink link) {
        for (AppendFrame frame = link.frames().peek();
                frame != null;
                frame = link.frames().peek()) {
            while (!frame.isDone()) {
                if (!takeEntry(link, frame)) {
                    return;
                }
            }
            link.frames().remove();
            link.frameTaken(frame.sequence);
            long sequence = frame.sequence;
            int bytes = frame.payloads.readableBytes();
            int entries = frame.headers.size();
            frame.payloads.release();
            queue.add(new JournalItem.Barrier(() -> {
                link.released(bytes, entries);
                link.frameFsynced(sequence);
                touched.add(link);
            }));
        }
        link.tell(rules);
        if (link.isGone()) {
            link.forget();
        }
    }

    /** Tells false where the frame has to wait until an entry that is held was compared with the one that came. */
    private boolean takeEntry(WriterLink link, AppendFrame frame) {
        EntryHeader header = frame.header();
        if (!link.hasRefused(header.segment())) {
            Verdict verdict = judge.append(header, frame.payloads, frame.payloadAt);
            if (verdict instanceof Verdict.Held) {
                compare(header, same -> {
                    finishRepeat(link, frame, header, same);
                    takeFrames(link);
                });
                return false;
            }
            if (verdict instanceof Verdict.Refused refused) {
                link.refuse(header.segment(), header.entry(), refused.code());
            } else {
                SegmentReplica segment = accept(header, frame.payloads, frame.payloadAt);
                segment.writtenBy(link.isGone() ? null : link);
            }
        }
        frame.step();
        return true;
    }

    private void finishRepeat(WriterLink link, AppendFrame frame, EntryHeader header, Code same) {
        SegmentReplica segment = store.segment(header.segment());
        boolean refuses = segment == null || rules.refusesWriter(segment.isFenced());
        Code code = refuses ? Code.FENCED : same;
        if (code != Code.OK) {
            link.refuse(header.segment(), header.entry(), code);
        }
        frame.step();
    }

    private SegmentReplica accept(EntryHeader header, ByteBuf payloads, int at) {
        SegmentReplica segment = store.ensure(header.segment());
        segment.accept(header);
        queue.add(new JournalItem.Entry(header, payloads.retainedSlice(at, header.length()), segment.lane(), false));
        return segment;
    }

    /** Compares an entry with the one of its id that is accepted: OK, CONFLICT, or why it cannot be told. */
    private void compare(EntryHeader header, Consumer<Code> done) {
        queue.add(new JournalItem.Barrier(() -> {
            SegmentReplica segment = store.segment(header.segment());
            if (segment == null) {
                done.accept(Code.FENCED);
                return;
            }
            planner.byEntry(
                    segment,
                    header.entry(),
                    header.entry(),
                    1,
                    bytes -> true,
                    held -> done.accept(EntryJudge.repetition(held, header)));
        }));
    }

    /**
     * Refuses the segment's writer from now on.
     *
     * @param answer OK with all that was accepted before; FENCED where a later epoch fenced it or it was dropped; UNKNOWN
     *     where the disk may have lost entries of it
     */
    public void fence(SegmentId id, int epoch, Consumer<SegmentStat> answer) {
        if (store.isDropped(id)) {
            answer.accept(SegmentStat.without(id, Code.FENCED));
            return;
        }
        if (store.segment(id) == null && store.mayHaveLost()) {
            answer.accept(SegmentStat.without(id, Code.UNKNOWN));
            return;
        }
        SegmentReplica segment = store.ensure(id);
        if (epoch < segment.fencedEpoch()) {
            answer.accept(segment.stat(Code.FENCED, answerableEntry(segment)));
            return;
        }
        markFenced(segment, epoch);
        answerWhenDurable(() -> {
            if (store.isDropped(id)) {
                answer.accept(SegmentStat.without(id, Code.FENCED));
            } else {
                answer.accept(segment.stat(segment.isLossy() ? Code.UNKNOWN : Code.OK, answerableEntry(segment)));
            }
        });
    }

    /** With rule 1 as it is, an answer waits for all that was decided before it. */
    private void answerWhenDurable(Runnable answer) {
        if (rules.answerable(1, 0) == 0) {
            queue.add(new JournalItem.Barrier(answer));
        } else {
            answer.run();
        }
    }

    private void markFenced(SegmentReplica segment, int epoch) {
        if (epoch > segment.fencedEpoch()) {
            segment.fence(epoch);
            queue.add(new JournalItem.Fence(segment.id(), epoch));
        }
        WriterLink writer = segment.writer();
        if (writer != null) {
            segment.writtenBy(null);
            writer.fenced(segment.id());
        }
    }

    private long answerableEntry(SegmentReplica segment) {
        return rules.answerable(segment.acceptedEntry(), segment.index().lastEntry());
    }

    /**
     * Entries of one segment that recovery copies past the fence.
     *
     * @param epoch of the fence; a lower one than the segment's is refused
     * @param payloads the entries' bytes, one after the other; taken over
     */
    public void recoveryAppend(
            int epoch, List<EntryHeader> headers, ByteBuf payloads, Consumer<RecoveryResult> answer) {
        SegmentId id = headers.isEmpty() ? null : headers.get(0).segment();
        if (id == null || !headers.stream().allMatch(header -> header.segment().equals(id))) {
            payloads.release();
            SegmentId named = id == null ? new SegmentId(new PartitionId(new UUID(0, 0), 0), 0) : id;
            answer.accept(new RecoveryResult(Code.INVALID, SegmentStat.without(named, Code.INVALID)));
            return;
        }
        recoverEntries(epoch, new AppendFrame(0, headers, payloads), answer);
    }

    private void recoverEntries(int epoch, AppendFrame frame, Consumer<RecoveryResult> answer) {
        while (!frame.isDone()) {
            EntryHeader header = frame.header();
            Verdict verdict = judge.recovery(epoch, header, frame.payloads, frame.payloadAt);
            if (verdict instanceof Verdict.Held) {
                compare(header, same -> {
                    if (same == Code.OK) {
                        frame.step();
                        recoverEntries(epoch, frame, answer);
                    } else {
                        finishRecovery(frame, same, answer);
                    }
                });
                return;
            }
            if (verdict instanceof Verdict.Refused refused) {
                finishRecovery(frame, refused.code(), answer);
                return;
            }
            markFenced(store.ensure(header.segment()), epoch);
            accept(header, frame.payloads, frame.payloadAt);
            frame.step();
        }
        finishRecovery(frame, Code.OK, answer);
    }

    private void finishRecovery(AppendFrame frame, Code code, Consumer<RecoveryResult> answer) {
        SegmentId id = frame.headers.get(0).segment();
        frame.payloads.release();
        answerWhenDurable(() -> {
            SegmentReplica segment = store.segment(id);
            answer.accept(new RecoveryResult(
                    code,
                    code == Code.OK && segment != null && !store.isDropped(id)
                            ? segment.stat(Code.OK, answerableEntry(segment))
                            : stat(id)));
        });
    }

    /** Where a segment stands: fenced as soon as a fence was taken, entries as far as they are fsynced. */
    public SegmentStat stat(SegmentId id) {
        if (store.isDropped(id)) {
            return SegmentStat.without(id, Code.FENCED);
        }
        SegmentReplica segment = store.segment(id);
        if (segment == null) {
            return SegmentStat.without(id, store.mayHaveLost() ? Code.UNKNOWN : Code.NO_SUCH_SEGMENT);
        }
        Code code = segment.isLossy() ? Code.UNKNOWN : segment.isFenced() ? Code.FENCED : Code.OK;
        return segment.stat(code, answerableEntry(segment));
    }

    /** Every segment that is held, of one partition or of all. */
    public List<SegmentStat> list(@Nullable PartitionId only) {
        List<SegmentStat> stats = new ArrayList<>();
        for (PartitionReplica partition : store.partitions()) {
            if (only == null || partition.id().equals(only)) {
                partition.segments().forEach(segment -> stats.add(stat(segment.id())));
            }
        }
        return stats;
    }

    /** The partitions of which a segment is held. */
    public List<PartitionId> heldPartitions() {
        return store.partitions().stream()
                .filter(partition -> !partition.segments().isEmpty())
                .map(PartitionReplica::id)
                .toList();
    }

    /**
     * Drops every segment of the partition below the number, for good (rule 13: the caller knows a positive fact).
     *
     * @param done when that is durable
     */
    public void drop(PartitionId id, long below, Runnable done) {
        PartitionReplica partition = store.ensure(id);
        if (below > partition.minimum()) {
            partition.raiseMinimum(below);
            queue.add(new JournalItem.Drop(id, below));
        }
        queue.add(new JournalItem.Barrier(done));
    }

    /** A group that was taken from the queue is fsynced. */
    public void durable(JournalGroup group) {
        if (!group.isEmpty()) {
            group.replayInto(store);
            for (JournalItem.Entry entry : group.entries()) {
                entry.payload().release();
            }
        }
        for (JournalItem item : group.items()) {
            if (item instanceof JournalItem.Barrier barrier) {
                barrier.reach();
            }
        }
        for (WriterLink link : touched) {
            link.tell(rules);
        }
        touched.clear();
    }

    /** The connection is gone; what it sent and was not taken is of no interest. */
    public void closed(WriterLink link) {
        AppendFrame waiting = link.frames().peek();
        link.frames().stream().skip(1).forEach(frame -> {
            link.released(frame.payloads.readableBytes(), frame.headers.size());
            frame.payloads.release();
        });
        link.frames().clear();
        if (waiting != null) {
            // Its comparison will come back; it finds the frame at the head, and nothing behind it.
            link.frames().add(waiting);
        }
        link.leave();
        for (PartitionReplica partition : store.partitions()) {
            partition.segments().forEach(segment -> segment.leftBy(link));
        }
    }

    public int segmentCount() {
        return store.segmentCount();
    }
}
