package io.siltstone.log.writer;

import io.siltstone.log.chain.ChainSegment;
import io.siltstone.log.writer.Replicas.Answer;
import io.siltstone.log.writer.Replicas.SegmentStanding;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks an ack quorum whether the open segment is still unfenced, before an answer that says what is not there (rule 5).
 * Questions that arrive while one is under way share the next. Confined to the partition's event loop.
 */
final class OwnershipProbe {

    private static final long TIMEOUT_MS = 2_000;

    private final Supplier<@Nullable SegmentWriter> writer;
    private final BooleanSupplier settled;
    private final Replicas replicas;
    private final Timers timers;
    private final Runnable fenced;

    private List<Consumer<Boolean>> waiting = new ArrayList<>();
    private List<Consumer<Boolean>> asked = List.of();
    private int round;
    private int unfenced;
    private Timers.@Nullable Timer timeout;

    /**
     * A probe of the segment that {@code writer} tells.
     *
     * @param settled false from a roll's sending until its outcome is known; nothing is asked or answered then
     * @param fenced called where a disk says that it is fenced
     */
    OwnershipProbe(
            Supplier<@Nullable SegmentWriter> writer,
            BooleanSupplier settled,
            Replicas replicas,
            Timers timers,
            Runnable fenced) {
        this.writer = writer;
        this.settled = settled;
        this.replicas = replicas;
        this.timers = timers;
        this.fenced = fenced;
    }

    void ask(Consumer<Boolean> answer) {
        waiting.add(answer);
        next();
    }

    /** Starts what waits, where it may. */
    void next() {
        SegmentWriter current = writer.get();
        if (!asked.isEmpty() || waiting.isEmpty() || !settled.getAsBoolean() || current == null) {
            return;
        }
        asked = waiting;
        waiting = new ArrayList<>();
        unfenced = 0;
        int thisRound = ++round;
        ChainSegment.Open segment = current.segment();
        timeout = timers.schedule(TIMEOUT_MS, () -> finish(thisRound, false));
        segment.ensemble()
                .forEach(disk -> replicas.stat(disk, current.id(), answer -> answered(thisRound, current, answer)));
    }

    /** The segment was rolled: an answer about it says nothing of the next, so ask again. */
    void segmentChanged() {
        if (!asked.isEmpty()) {
            cancelTimeout();
            round++;
            waiting.addAll(0, asked);
            asked = List.of();
        }
        next();
    }

    /** Tells everybody no. */
    void close() {
        finish(round, false);
        List<Consumer<Boolean>> refused = waiting;
        waiting = new ArrayList<>();
        refused.forEach(answer -> answer.accept(false));
    }

    private void answered(int thisRound, SegmentWriter current, Answer<SegmentStanding> answer) {
        if (thisRound != round || asked.isEmpty() || !(answer instanceof Answer.Ok<SegmentStanding> ok)) {
            return;
        }
        if (ok.value().fenced()) {
            fenced.run();
            return;
        }
        unfenced++;
        if (unfenced >= current.segment().quorum().ack() && settled.getAsBoolean()) {
            finish(thisRound, true);
        }
    }

    private void finish(int thisRound, boolean isOwner) {
        if (thisRound != round || asked.isEmpty()) {
            return;
        }
        cancelTimeout();
        List<Consumer<Boolean>> told = asked;
        asked = List.of();
        told.forEach(answer -> answer.accept(isOwner));
        next();
    }

    private void cancelTimeout() {
        if (timeout != null) {
            timeout.cancel();
            timeout = null;
        }
    }
}
