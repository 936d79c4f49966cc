package io.siltstone.log.writer;

import io.siltstone.log.DiskId;
import io.siltstone.log.chain.ChainSegment;
import io.siltstone.log.chain.PartitionState;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * Registers a partition's next segment in one compare-and-set with the closing of the last (rules 5, 8 and 9), by the
 * settings of that moment. Confined to the partition's event loop.
 */
final class NextSegment {

    /** Where there are too few disks, they are looked for again after this time. */
    static final long RETRY_MS = 200;

    private final OwnedChain chain;
    private final Placement placement;
    private final Timers timers;
    private final Supplier<LogSettings> source;
    private LogSettings settings;

    NextSegment(OwnedChain chain, Placement placement, Timers timers, Supplier<LogSettings> source) {
        this.chain = chain;
        this.placement = placement;
        this.timers = timers;
        this.source = source;
        this.settings = source.get();
    }

    /** Those that the newest segment was registered by. */
    LogSettings settings() {
        return settings;
    }

    /** Disks for it; none where there are fewer than the ack quorum. */
    List<DiskId> choose(Set<DiskId> avoid) {
        settings = source.get();
        List<DiskId> ensemble = placement.choose(settings.quorum().write(), avoid);
        return ensemble.size() < settings.quorum().ack() ? List.of() : ensemble;
    }

    /** As {@link #choose}, but disks without room where too few others are there: it is to begin, not to take batches. */
    List<DiskId> chooseDespiteRoom(Set<DiskId> avoid) {
        List<DiskId> ensemble = choose(avoid);
        if (!ensemble.isEmpty()) {
            return ensemble;
        }
        List<DiskId> any = placement.chooseDespiteRoom(settings.quorum().write());
        return any.size() < settings.quorum().ack() ? List.of() : any;
    }

    /** Closes what a roll ends. */
    void registerRolled(
            List<DiskId> ensemble, UnaryOperator<PartitionState> closing, Consumer<UpdateResult> registered) {
        chain.submit(change(ensemble, closing), registered);
    }

    /** Closes what a takeover recovered (rule 8). */
    void registerRecovered(
            List<DiskId> ensemble, UnaryOperator<PartitionState> closing, Consumer<UpdateResult> registered) {
        chain.submitClose(change(ensemble, closing), registered);
    }

    private ChainChange change(List<DiskId> ensemble, UnaryOperator<PartitionState> closing) {
        long number = chain.state().nextSegment();
        return current -> {
            if (current.nextSegment() > number) {
                return null;
            }
            PartitionState closed = closing.apply(current);
            return closed.withRegistered(new ChainSegment.Open(
                    number,
                    closed.closedEndOffset(),
                    chain.epoch(),
                    settings.quorum(),
                    ensemble,
                    timers.wallClockMs()));
        };
    }
}
