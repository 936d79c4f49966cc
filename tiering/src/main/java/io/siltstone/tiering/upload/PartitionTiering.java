package io.siltstone.tiering.upload;

import io.siltstone.log.chain.PartitionState;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The tiering of one partition while this node owns it: uploads, commits, trims. Confined to the partition's event loop,
 * on which the owner calls it and is called back.
 */
public final class PartitionTiering {

    private final TierContext context;
    private @Nullable Tierer tierer;
    private @Nullable Trimmer trimmer;

    PartitionTiering(TierContext context) {
        this.context = context;
    }

    /** Begins. Called once, when the log is open, with the znode as it stands. */
    public void start(PartitionState state) {
        Trimmer trims = new Trimmer(context, state);
        Tierer tiers = new Tierer(context, state);
        trimmer = trims;
        tierer = tiers;
        context.metrics().add(tiers);
        tiers.stateChanged(state);
    }

    /**
     * The znode changed, or a segment's first snapshot was confirmed.
     *
     * @param confirmedSnapshotSegment the number of the newest segment whose first snapshot an ack quorum has; -1 for
     *     none known
     */
    public void stateChanged(PartitionState state, long confirmedSnapshotSegment) {
        Tierer tiers = tierer;
        Trimmer trims = trimmer;
        if (tiers != null && trims != null) {
            tiers.stateChanged(state);
            trims.stateChanged(state, confirmedSnapshotSegment);
        }
    }

    /**
     * Completes when every segment with an offset below this one is in the bucket and off the chain, and the disks were
     * told to drop it. Fails when the ownership ends first.
     */
    public CompletableFuture<Void> whenTiered(long offset) {
        Trimmer trims = trimmer;
        return trims == null
                ? CompletableFuture.failedFuture(
                        new IllegalStateException("partition " + context.partition() + " is not owned here yet"))
                : trims.whenTrimmed(offset);
    }

    /** Keys of objects of this ownership that a root may yet name; a collector leaves them alone. */
    public Set<String> keysInUse() {
        return tierer == null ? Set.of() : tierer.keysInUse();
    }

    /** The ownership is over. What is under way is abandoned. May be repeated. */
    public void close() {
        if (tierer != null) {
            context.metrics().remove(tierer);
            tierer.close();
        }
        if (trimmer != null) {
            trimmer.close();
        }
    }
}
