package io.siltstone.log.writer;

import io.netty.buffer.ByteBuf;
import io.siltstone.log.EntryHeader;
import io.siltstone.log.PartitionId;
import io.siltstone.log.SegmentId;
import io.siltstone.log.chain.ChainSegment;
import io.siltstone.log.chain.PartitionState;
import io.siltstone.log.chain.SegmentEnd;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What stands between a partition's claim and its next segment: the recovery of the last segment (rules 6 and 7), then
 * the restoration of the state. Confined to the partition's event loop; changes no znode.
 */
final class Takeover {

    private static final Logger LOG = LoggerFactory.getLogger(Takeover.class);

    private static final long RETRY_MS = 200;

    interface Events {

        void restore(ByteBuf state);

        void replay(EntryHeader header, ByteBuf batches);

        /** The state is complete; what was recovered is to be closed. */
        void restored(Recovered recovered);
    }

    /**
     * What a takeover found.
     *
     * @param outcome of the last segment's recovery; null where it was closed already, or there was none
     * @param from the segment that the state was read from; null where there was none
     * @param timestamps of that segment
     */
    record Recovered(
            Recovery.@Nullable Outcome outcome, @Nullable SegmentId from, BatchTimestamps timestamps) {

        /** Rule 8: the state with the recovered segment closed; unlisted where it has no entry. */
        PartitionState close(PartitionState current) {
            if (outcome == null) {
                return current;
            }
            if (outcome.lastEntry() < 0) {
                return current.withLastUnlisted();
            }
            ChainSegment.Recovering last =
                    (ChainSegment.Recovering) current.last().orElseThrow();
            boolean read = from != null && from.number() == last.number();
            return current.withLastClosed(last.close(
                    new SegmentEnd(
                            outcome.lastEntry(),
                            outcome.endOffset(),
                            read ? timestamps.max() : -1,
                            read ? timestamps.offset() : -1),
                    outcome.extra()));
        }
    }

    private final PartitionId partition;
    private final OwnedChain chain;
    private final Replicas replicas;
    private final Placement placement;
    private final Timers timers;
    private final LogRules rules;
    private final Events events;
    private @Nullable Recovery recovery;
    private @Nullable Restoration restoration;
    private boolean over;

    Takeover(
            PartitionId partition,
            OwnedChain chain,
            Replicas replicas,
            Placement placement,
            Timers timers,
            LogRules rules,
            Events events) {
        this.partition = partition;
        this.chain = chain;
        this.replicas = replicas;
        this.placement = placement;
        this.timers = timers;
        this.rules = rules;
        this.events = events;
    }

    /** The partition is claimed. */
    void start() {
        if (over) {
            return;
        }
        Optional<ChainSegment> last = chain.state().last();
        if (last.isEmpty() || last.get() instanceof ChainSegment.Closed) {
            restore(null);
            return;
        }
        ChainSegment segment = last.get();
        recovery = new Recovery(id(segment), segment, chain.epoch(), replicas, placement, timers, rules, this::restore);
        recovery.start();
    }

    void stop() {
        over = true;
        if (recovery != null) {
            recovery.stop();
        }
        if (restoration != null) {
            restoration.stop();
        }
    }

    private SegmentId id(ChainSegment segment) {
        return new SegmentId(partition, segment.number());
    }

    private void restore(Recovery.@Nullable Outcome outcome) {
        recovery = null;
        Restoration next =
                new Restoration(sources(outcome), !isTrimmed(), placement, replicas, timers, new Restoration.Events() {
                    @Override
                    public void restore(ByteBuf state) {
                        events.restore(state);
                    }

                    @Override
                    public void replay(EntryHeader header, ByteBuf batches) {
                        events.replay(header, batches);
                    }

                    @Override
                    public void restored(@Nullable SegmentId from, BatchTimestamps timestamps) {
                        restoration = null;
                        restoredFrom(new Recovered(outcome, from, timestamps));
                    }
                });
        restoration = next;
        next.start();
    }

    private List<Restoration.Source> sources(Recovery.@Nullable Outcome outcome) {
        List<Restoration.Source> newestFirst = new ArrayList<>();
        for (ChainSegment segment : chain.state().segments()) {
            if (segment instanceof ChainSegment.Closed closed) {
                newestFirst.add(
                        0,
                        new Restoration.Source(
                                id(segment), closed.end().lastEntry(), closed.isEmpty(), closed.replicas()));
            } else if (outcome != null) {
                boolean empty = outcome.endOffset() == segment.baseOffset();
                newestFirst.add(0, new Restoration.Source(id(segment), outcome.lastEntry(), empty, outcome.full()));
            }
        }
        return newestFirst;
    }

    /** Segments that held batches may not be listed any more. */
    private boolean isTrimmed() {
        return chain.state().manifest() != null || chain.state().trimBelow() > 0;
    }

    private void restoredFrom(Recovered recovered) {
        if (recovered.from() == null && isTrimmed()) {
            LOG.error("Partition {}: no segment holds a complete snapshot of its state; trying again", partition);
            timers.schedule(RETRY_MS, this::start);
            return;
        }
        events.restored(recovered);
    }
}
