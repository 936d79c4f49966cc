package io.siltstone.client.source;

import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/** Port: reads what is not in the bucket yet. Confined to one thread. */
public interface LiveTail extends AutoCloseable {

    /** Records of the partition come from that offset on. */
    void follow(TopicPartition partition, long offset);

    void unfollow(TopicPartition partition);

    /** Nothing of the partition comes until {@link #resume}. */
    void pause(TopicPartition partition);

    void resume(TopicPartition partition);

    /** What has come, each partition in offset order; waits where there is nothing. */
    List<ConsumerRecord<byte[], byte[]>> poll(Duration timeout);

    /** The offset after all that {@link #poll} gave out or passed over. */
    long position(TopicPartition partition);

    @Override
    void close();
}
