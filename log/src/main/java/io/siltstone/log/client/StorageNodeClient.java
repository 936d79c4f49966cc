package io.siltstone.log.client;

import io.netty.channel.EventLoop;
import io.siltstone.log.DiskId;
import io.siltstone.log.PartitionId;
import io.siltstone.log.SegmentId;
import io.siltstone.log.writer.Replicas.Answer;
import io.siltstone.log.writer.Replicas.Entry;
import io.siltstone.log.writer.Replicas.SegmentStanding;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Storage nodes for whoever has no event loop of its own: tiering, repair, administration. Any thread may call. Has one
 * connection per disk, on a loop that it shares; futures are completed there, never exceptionally, so that what depends
 * on them must not block.
 */
public final class StorageNodeClient implements AutoCloseable {

    private final EventLoop loop;
    private final ReplicaClient client;

    public StorageNodeClient(
            EventLoop loop, ReplicaClientSettings settings, DiskDirectory directory, Transport transport) {
        this.loop = loop;
        client = new ReplicaClient(loop, settings, directory, transport, Backpressure.none());
    }

    /**
     * The segments that the disk holds.
     *
     * @param partition of this partition alone; of all where null
     */
    public CompletableFuture<Answer<List<SegmentReport>>> list(DiskId disk, @Nullable PartitionId partition) {
        return ask((on, answer) -> on.list(disk, partition, answer));
    }

    public CompletableFuture<Answer<DiskReport>> status(DiskId disk) {
        return ask((on, answer) -> on.status(disk, answer));
    }

    /** Drops, for good, every segment of the partition below the number; only ever asked on a positive fact (rule 13). */
    public CompletableFuture<Answer<Long>> delete(DiskId disk, PartitionId partition, long below) {
        return ask((on, answer) -> on.delete(disk, partition, below, answer));
    }

    public CompletableFuture<Answer<SegmentStanding>> stat(DiskId disk, SegmentId segment) {
        return ask((on, answer) -> on.stat(disk, segment, answer));
    }

    /**
     * Reads whole entries, from {@code fromEntry} to at most {@code lastEntry} and about {@code maxBytes}, at least one.
     * Whoever gets the answer releases the payloads.
     */
    public CompletableFuture<Answer<List<Entry>>> read(
            DiskId disk, SegmentId segment, long fromEntry, long lastEntry, int maxBytes) {
        return ask((on, answer) -> on.read(disk, segment, fromEntry, lastEntry, maxBytes, answer));
    }

    /** As {@link #read}, from the entry that holds the offset. */
    public CompletableFuture<Answer<List<Entry>>> readFromOffset(
            DiskId disk, SegmentId segment, long offset, long lastEntry, int maxBytes) {
        return ask((on, answer) -> on.readFromOffset(disk, segment, offset, lastEntry, maxBytes, answer));
    }

    private <T> CompletableFuture<Answer<T>> ask(BiConsumer<ReplicaClient, Consumer<Answer<T>>> question) {
        CompletableFuture<Answer<T>> answer = new CompletableFuture<>();
        try {
            loop.execute(() -> {
                try {
                    question.accept(client, answer::complete);
                } catch (IllegalStateException closed) {
                    answer.complete(new Answer.Failed<>("closed"));
                }
            });
        } catch (RejectedExecutionException stopped) {
            answer.complete(new Answer.Failed<>("the event loop has stopped"));
        }
        return answer;
    }

    /** Closes all connections; returns at once. */
    @Override
    public void close() {
        if (!loop.isShuttingDown()) {
            loop.execute(client::close);
        }
    }
}
