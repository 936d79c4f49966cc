package io.siltstone.ingest.partition;

import io.siltstone.ingest.topic.TopicSettings;
import io.siltstone.log.chain.Quorum;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.jspecify.annotations.Nullable;

/**
 * Whether a partition finds room for what is appended: on disks, and in its list of segments. Keeps nothing, asks at each
 * use. Confined to the partition's event loop.
 */
final class AppendRoom {

    private final TopicPartition name;
    private final Supplier<TopicSettings> settings;
    private final StorageDisks disks;
    private final IntSupplier listedSegments;

    /**
     * The room of one partition.
     *
     * @param listedSegments how many its znode lists; asked only once the partition is open
     */
    AppendRoom(TopicPartition name, Supplier<TopicSettings> settings, StorageDisks disks, IntSupplier listedSegments) {
        this.name = name;
        this.settings = settings;
        this.disks = disks;
        this.listedSegments = listedSegments;
    }

    /** Disks enough, but full; or no place in the list of segments. Both end when the bucket has taken something. */
    boolean isLacking() {
        int needed = settings.get().quorum().ack();
        return (disks.writable() < needed && disks.live() >= needed)
                || SegmentListRoom.isFull(listedSegments.getAsInt());
    }

    /** How long a producer should wait before it appends again, in milliseconds. */
    int delayMs() {
        return SegmentListRoom.delayMs(listedSegments.getAsInt());
    }

    /** Set where fewer disks take appends than must acknowledge them. */
    @Nullable
    NotEnoughReplicasException shortage(Quorum quorum) {
        int writable = disks.writable();
        return writable < quorum.ack()
                ? new NotEnoughReplicasException(writable + " storage disks take appends, " + name + " needs " + quorum)
                : null;
    }
}
