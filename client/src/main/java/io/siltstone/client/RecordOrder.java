package io.siltstone.client;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** In which order the records of several partitions are given out. Confined to the replay's thread. */
interface RecordOrder {

    /** The next record, taken from its partition; null where it has not come, or none is left below the ends. */
    @Nullable
    ConsumerRecord<byte[], byte[]> next();

    /** All partitions gave out all below their ends. */
    boolean isDone();
}
