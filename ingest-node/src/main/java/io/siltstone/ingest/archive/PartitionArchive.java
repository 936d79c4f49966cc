package io.siltstone.ingest.archive;

import io.siltstone.log.chain.PartitionState;
import io.siltstone.tiering.retention.Upkeep;
import io.siltstone.tiering.upload.PartitionTiering;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * What the bucket gets of one partition while this node owns it: tiering, retention and the collection of garbage, all of
 * which begin when the bucket is proven and describes the topic, so that nobody finds an object of an unknown topic.
 * Confined to the partition's event loop.
 */
public final class PartitionArchive {

    private final PartitionTiering tiering;
    private final Upkeep upkeep;
    private final Supplier<PartitionState> state;
    private final CompletableFuture<Void> started = new CompletableFuture<>();
    private long confirmedSnapshotSegment = -1;
    private boolean closed;

    PartitionArchive(PartitionTiering tiering, Upkeep upkeep, Supplier<PartitionState> state) {
        this.tiering = tiering;
        this.upkeep = upkeep;
        this.state = state;
    }

    void startAfter(CompletionStage<?> ready, Executor loop) {
        var unused = ready.thenRunAsync(this::start, loop);
    }

    private void start() {
        if (closed) {
            return;
        }
        tiering.start(state.get());
        tiering.stateChanged(state.get(), confirmedSnapshotSegment);
        upkeep.start();
        started.complete(null);
    }

    /**
     * The znode changed, or a segment's first snapshot was confirmed.
     *
     * @param newSnapshotSegment the newest segment whose first snapshot an ack quorum has; -1 for none known
     */
    public void stateChanged(PartitionState newState, long newSnapshotSegment) {
        confirmedSnapshotSegment = newSnapshotSegment;
        tiering.stateChanged(newState, newSnapshotSegment);
    }

    /** Completes when everything below the offset is in the bucket and off the chain; fails when the tenure ends first. */
    public CompletableFuture<Void> whenTiered(long offset) {
        return started.thenCompose(done -> tiering.whenTiered(offset));
    }

    /** The ownership is over. May be repeated. */
    public void close() {
        closed = true;
        upkeep.close();
        tiering.close();
        started.completeExceptionally(new IllegalStateException("the partition is not owned here any more"));
    }
}
