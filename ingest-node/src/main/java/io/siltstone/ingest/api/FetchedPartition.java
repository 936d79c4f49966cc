package io.siltstone.ingest.api;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.siltstone.ingest.connection.ByteBufRecords;
import io.siltstone.ingest.partition.HighWatermarkWaiters;
import io.siltstone.ingest.partition.Partition;
import io.siltstone.ingest.partition.PartitionReader;
import io.siltstone.ingest.partition.ReadCallback;
import io.siltstone.ingest.topic.Leadership;
import io.siltstone.log.PartitionId;
import io.siltstone.metadata.ClusterImage;
import io.siltstone.metadata.TopicImage;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.LeaderIdAndEpoch;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;
import org.jspecify.annotations.Nullable;

/**
 * One partition of a fetch: what was asked, and what was found. Written on the partition's loop or on the connection's,
 * never on both at a time.
 */
final class FetchedPartition {

    private final TopicIdPartition topic;
    private final FetchRequest.PartitionData asked;
    private @Nullable Partition partition;
    private Errors error = Errors.NONE;
    private long highWatermark = FetchResponse.INVALID_HIGH_WATERMARK;
    private long logStartOffset = FetchResponse.INVALID_LOG_START_OFFSET;
    private List<ByteBuf> batches = List.of();
    private @Nullable ByteBufRecords records;
    private boolean needsRead;
    private int readLimit;
    private @Nullable Runnable giveBack;

    FetchedPartition(TopicIdPartition topic, FetchRequest.PartitionData asked) {
        this.topic = topic;
        this.asked = asked;
    }

    void foundAt(Partition owned) {
        partition = owned;
    }

    @Nullable
    Partition partition() {
        return partition;
    }

    EventLoop eventLoop() {
        return owned().loop().eventLoop();
    }

    private Partition owned() {
        Partition owned = partition;
        if (owned == null) {
            throw new IllegalStateException(topic + " is not owned here");
        }
        return owned;
    }

    TopicIdPartition topic() {
        return topic;
    }

    /** What the answer may hold of it: where it must be read, no more than one read takes. */
    int maxBytes() {
        return needsRead ? Math.min(asked.maxBytes, PartitionReader.MAX_BACKLOG_READ_BYTES) : asked.maxBytes;
    }

    Errors error() {
        return error;
    }

    void fail(Errors why) {
        error = why;
    }

    /** Not in the tail cache, or out of range: {@link #read} finds out. */
    boolean needsRead() {
        return needsRead;
    }

    /** Bytes that the answer can hold; a backlog counts as what was asked for: nobody waits for it to grow. */
    long availableBytes() {
        return needsRead ? asked.maxBytes : FetchExchange.sizeOf(batches);
    }

    /**
     * What {@link #read} may take.
     *
     * @param whenGone called once, when what was read is sent or dropped
     */
    void limit(int bytes, Runnable whenGone) {
        readLimit = bytes;
        giveBack = whenGone;
    }

    /** On the partition's loop: takes what the tail cache has; where there is nothing, the waiter is woken by more. */
    void look(HighWatermarkWaiters.Waiter waiter) {
        Partition owned = owned();
        release();
        error = epochError(owned);
        if (error != Errors.NONE) {
            return;
        }
        switch (owned.reader().place(asked.fetchOffset)) {
            case TAIL -> {
                batches = owned.reader().readTail(asked.fetchOffset, asked.maxBytes);
                // It may be less than the request waits for.
                owned.awaitMore(waiter);
            }
            case BACKLOG, OUT_OF_RANGE -> needsRead = true;
            case END -> owned.awaitMore(waiter);
            case NOT_SERVED -> error = Errors.NOT_LEADER_OR_FOLLOWER;
        }
        noteBounds(owned);
    }

    private Errors epochError(Partition owned) {
        if (asked.currentLeaderEpoch.isEmpty() || !owned.isOpen()) {
            return Errors.NONE;
        }
        int known = asked.currentLeaderEpoch.get();
        if (known == owned.epoch()) {
            return Errors.NONE;
        }
        return known < owned.epoch() ? Errors.FENCED_LEADER_EPOCH : Errors.UNKNOWN_LEADER_EPOCH;
    }

    private void noteBounds(Partition owned) {
        if (owned.isOpen()) {
            highWatermark = owned.highWatermark();
            logStartOffset = owned.logStartOffset();
        }
    }

    /** On the partition's loop: reads what {@link #look} did not find in the tail cache. */
    void read(Runnable then) {
        Partition owned = owned();
        owned.reader().read(asked.fetchOffset, readLimit, new ReadCallback() {
            @Override
            public void read(List<ByteBuf> found) {
                batches = found;
                noteBounds(owned);
                then.run();
            }

            @Override
            public void failed(RuntimeException why) {
                error = Errors.forException(why);
                noteBounds(owned);
                then.run();
            }
        });
    }

    /** Lets go of what was found. */
    void release() {
        batches.forEach(ByteBuf::release);
        batches = List.of();
        needsRead = false;
    }

    /** Lets go of records of an answer that is not sent. */
    void releaseUnsent() {
        if (records != null) {
            records.release();
        }
    }

    FetchResponseData.PartitionData toResponse() {
        FetchResponseData.PartitionData data = new FetchResponseData.PartitionData()
                .setPartitionIndex(topic.partition())
                .setErrorCode(error.code())
                .setHighWatermark(highWatermark)
                .setLastStableOffset(highWatermark)
                .setLogStartOffset(logStartOffset);
        Runnable whenGone = giveBack == null ? () -> {} : giveBack;
        giveBack = null;
        if (batches.isEmpty()) {
            data.setRecords(MemoryRecords.EMPTY);
            whenGone.run();
        } else {
            records = new ByteBufRecords(batches, whenGone);
            batches = List.of();
            data.setRecords(records);
        }
        return data;
    }

    /** Where another node leads, says which. */
    void nameNewLeader(ClusterImage image, FetchResponseData.PartitionData data, List<Node> endpoints) {
        if (error != Errors.NOT_LEADER_OR_FOLLOWER && error != Errors.FENCED_LEADER_EPOCH) {
            return;
        }
        Optional<TopicImage> found = TopicLookup.find(image, topic.topic(), topic.topicId());
        found.flatMap(known -> image.partition(new PartitionId(known.id(), topic.partition())))
                .ifPresent(seen -> Leadership.leader(image, seen.state()).ifPresent(leader -> {
                    data.setCurrentLeader(new LeaderIdAndEpoch()
                            .setLeaderId(leader.node())
                            .setLeaderEpoch(seen.state().epoch()));
                    Node node = new Node(leader.node(), leader.host(), leader.port(), leader.zone());
                    if (!endpoints.contains(node)) { // the Java consumer ends at a node that is named twice
                        endpoints.add(node);
                    }
                }));
    }
}
