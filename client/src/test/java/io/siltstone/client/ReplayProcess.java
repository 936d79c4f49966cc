package io.siltstone.client;

import io.siltstone.client.source.HttpSource;
import io.siltstone.client.source.OffsetBounds;
import io.siltstone.client.source.TopicInfo;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** A replay by time in a JVM of its own: arguments are address, topic, id, partitions and records per partition. */
public final class ReplayProcess {

    private ReplayProcess() {}

    public static void main(String[] args) {
        int partitions = Integer.parseInt(args[3]);
        long perPartition = Long.parseLong(args[4]);
        HttpSource source = new HttpSource(
                URI.create(args[0]),
                Map.of(args[1], new TopicInfo(args[1], UUID.fromString(args[2]), partitions)),
                partition -> new OffsetBounds(0, perPartition),
                Optional.empty());
        long[] next = new long[partitions];
        long records = 0;
        long last = Long.MIN_VALUE;
        try (source;
                Replay replay =
                        Replay.from(source).topics(args[1]).orderedByTime().start()) {
            while (!replay.isOver()) {
                ConsumerRecord<byte[], byte[]> record = replay.poll(Duration.ofSeconds(30));
                if (record == null) {
                    continue;
                }
                if (record.timestamp() < last || record.offset() != next[record.partition()]++) {
                    throw new IllegalStateException("out of order: " + record);
                }
                last = record.timestamp();
                records++;
            }
        }
        System.out.println(
                "records=" + records + " heapMiB=" + (Runtime.getRuntime().maxMemory() >> 20));
    }
}
