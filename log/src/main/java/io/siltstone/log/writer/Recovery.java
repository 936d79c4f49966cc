package io.siltstone.log.writer;

import io.siltstone.log.DiskId;
import io.siltstone.log.SegmentId;
import io.siltstone.log.chain.ChainSegment;
import io.siltstone.log.writer.Replicas.Answer;
import io.siltstone.log.writer.Replicas.Entry;
import io.siltstone.log.writer.Replicas.SegmentStanding;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fences one segment, decides its end and copies what is short (rules 6 and 7), until an ack quorum holds all of it.
 * Confined to the partition's event loop; owns nothing once it has ended or was stopped.
 *
 * <p>Invariants: the end is decided from enough fenced answers of disks that the segment names; an unknown answer never
 * counts as one; a target holds every entry up to the end, fsynced, before it counts as full. States: fencing (answers
 * come in) → copying (the end stands) → done, and back to fencing where every source of the end is lost.
 */
final class Recovery {

    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    private static final int COPY_BYTES = 1 << 20;
    private static final long RETRY_MS = 200;

    /** A disk that fails a copy this often is taken for gone, until it answers a fence again. */
    private static final int MOST_TRIES = 15;

    /** Named disks get this long to come back before others are taken in their place. */
    private static final long PATIENCE_MS = 2_000;

    /**
     * How a recovery ended.
     *
     * @param lastEntry the segment's last entry; -1 for none
     * @param endOffset the offset after the last record
     * @param full the disks that hold every entry; may be fewer than an ack quorum where there is no batch
     * @param extra those of them that the segment does not name yet
     */
    record Outcome(long lastEntry, long endOffset, List<DiskId> full, List<DiskId> extra) {}

    interface Events {
        void recovered(Outcome outcome);
    }

    private final SegmentId id;
    private final ChainSegment segment;
    private final int epoch;
    private final Replicas replicas;
    private final Placement placement;
    private final Timers timers;
    private final LogRules rules;
    private final Events events;

    private final Map<DiskId, SegmentStanding> standings = new HashMap<>();
    private final Set<DiskId> unknown = new HashSet<>();
    private final Set<DiskId> copying = new HashSet<>();
    private final Set<DiskId> extras = new HashSet<>();
    private final long startedMs;
    private long end = -1;
    private long endOffset;
    private boolean decided;
    private boolean waiting;
    private boolean over;
    private int round;

    Recovery(
            SegmentId id,
            ChainSegment segment,
            int epoch,
            Replicas replicas,
            Placement placement,
            Timers timers,
            LogRules rules,
            Events events) {
        this.id = id;
        this.segment = segment;
        this.epoch = epoch;
        this.replicas = replicas;
        this.placement = placement;
        this.timers = timers;
        this.rules = rules;
        this.events = events;
        startedMs = timers.nowMs();
    }

    void start() {
        round++;
        segment.ensemble().forEach(this::fence);
    }

    void stop() {
        over = true;
    }

    private void fence(DiskId disk) {
        int asked = round;
        replicas.fence(disk, id, epoch, answer -> {
            if (over || asked != round) {
                return;
            }
            if (answer instanceof Answer.Ok<SegmentStanding> ok) {
                unknown.remove(disk);
                standings.put(disk, ok.value());
            } else {
                if (answer instanceof Answer.Unknown<SegmentStanding>) {
                    unknown.add(disk);
                }
                again(() -> fence(disk));
            }
            proceed();
        });
    }

    private void proceed() {
        if (!decided) {
            int needed = rules.fenceAnswersNeeded(segment.ensemble().size(), segment.quorum());
            if (standings.size() < needed) {
                return;
            }
            end = rules.endOf(
                    standings.values().stream().map(SegmentStanding::lastEntry).toList());
            endOffset = standings.values().stream()
                    .filter(standing -> standing.lastEntry() == end)
                    .mapToLong(SegmentStanding::endOffset)
                    .findFirst()
                    .orElseThrow();
            decided = true;
        }
        if (finished()) {
            finish();
            return;
        }
        if (sources().isEmpty()) {
            fenceAgain();
            return;
        }
        copyWhereShort();
    }

    /** Every source of the end is gone, so it was never acknowledged: decide again (rule 7). */
    private void fenceAgain() {
        LOG.warn("Segment {}: no disk holds entry {} any more, which was never acknowledged; fencing again", id, end);
        standings.clear();
        copying.clear();
        extras.clear();
        decided = false;
        again(this::start);
    }

    private boolean finished() {
        return isEmpty() || sources().size() >= segment.quorum().ack();
    }

    /** Without a batch there is nothing that could have been acknowledged. */
    private boolean isEmpty() {
        return end < 0 || endOffset == segment.baseOffset();
    }

    /** The disks that hold everything up to the end, in a fixed order. */
    private List<DiskId> sources() {
        return standings.entrySet().stream()
                .filter(standing -> standing.getValue().lastEntry() >= end)
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    private void finish() {
        over = true;
        List<DiskId> full = sources();
        events.recovered(new Outcome(
                end,
                end < 0 ? segment.baseOffset() : endOffset,
                full,
                full.stream().filter(extras::contains).toList()));
    }

    private void copyWhereShort() {
        List<DiskId> shortOnes = standings.entrySet().stream()
                .filter(standing -> standing.getValue().lastEntry() < end)
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
        for (DiskId disk : shortOnes) {
            if (copying.add(disk)) {
                copy(disk, 0);
            }
        }
        int reachable = standings.size();
        if (reachable >= segment.quorum().ack()) {
            return;
        }
        long waitedMs = timers.nowMs() - startedMs;
        boolean namedAreGone =
                segment.ensemble().size() - unknown.size() < segment.quorum().ack();
        if (waitedMs < PATIENCE_MS && !namedAreGone) {
            proceedLater();
            return;
        }
        takeExtra();
    }

    private void proceedLater() {
        if (!waiting) {
            waiting = true;
            again(() -> {
                waiting = false;
                proceed();
            });
        }
    }

    private void takeExtra() {
        Set<DiskId> avoid = new HashSet<>(segment.ensemble());
        int missing = segment.quorum().ack() - standings.size();
        for (DiskId disk : placement.choose(missing + avoid.size(), avoid)) {
            if (missing > 0 && !avoid.contains(disk) && !extras.contains(disk)) {
                LOG.warn("Segment {}: too few of its disks are left, copying it to disk {}", id, disk);
                extras.add(disk);
                fence(disk);
                missing--;
            }
        }
        proceedLater();
    }

    private void copy(DiskId target, int attempt) {
        int asked = round;
        List<DiskId> sources = sources();
        SegmentStanding standing = standings.get(target);
        if (sources.isEmpty() || standing == null || standing.lastEntry() >= end) {
            copying.remove(target);
            proceed();
            return;
        }
        DiskId source = sources.get(attempt % sources.size());
        replicas.read(source, id, standing.lastEntry() + 1, end, COPY_BYTES, answer -> {
            if (answer instanceof Answer.Ok<List<Entry>> ok) {
                if (over || asked != round || ok.value().isEmpty()) {
                    ok.value().forEach(entry -> entry.payload().release());
                    retryCopy(target, asked, attempt, source);
                    return;
                }
                write(target, ok.value(), asked, attempt);
                return;
            }
            if (answer instanceof Answer.Unknown<List<Entry>> && !over && asked == round) {
                standings.remove(source);
            }
            retryCopy(target, asked, attempt, source);
        });
    }

    private void write(DiskId target, List<Entry> entries, int asked, int attempt) {
        replicas.recoveryAppend(target, epoch, entries, answer -> {
            if (over || asked != round) {
                return;
            }
            if (answer instanceof Answer.Ok<SegmentStanding> ok) {
                standings.put(target, ok.value());
                if (ok.value().lastEntry() < end) {
                    copy(target, attempt);
                } else {
                    copying.remove(target);
                    proceed();
                }
                return;
            }
            if (answer instanceof Answer.Unknown<SegmentStanding>) {
                standings.remove(target);
            }
            retryCopy(target, asked, attempt, target);
        });
        entries.forEach(entry -> entry.payload().release());
    }

    private void retryCopy(DiskId target, int asked, int attempt, DiskId failing) {
        if (over || asked != round) {
            return;
        }
        if (attempt >= MOST_TRIES) {
            copying.remove(target);
            standings.remove(failing);
            fence(failing);
            proceedLater();
            return;
        }
        again(() -> {
            if (asked == round) {
                copy(target, attempt + 1);
            }
        });
    }

    private void again(Runnable action) {
        timers.schedule(RETRY_MS, () -> {
            if (!over) {
                action.run();
            }
        });
    }
}
