package io.siltstone.testkit.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.siltstone.client.Replay;
import io.siltstone.client.source.KafkaSource;
import io.siltstone.testkit.cluster.InProcessCluster;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The replay library against a whole cluster that it finds by its bootstrap address alone. */
class ClusterReplayTest {

    private static final int RECORDS = 500;

    @TempDir
    Path folder;

    @Test
    void replaysWhatWasProducedThenFollows() throws Exception {
        Path bucket = folder.resolve("bucket");
        try (InProcessCluster cluster = InProcessCluster.start(
                folder, 3, 2, Map.of("bucket", bucket.toUri().toString()))) {
            Map<String, Object> config = Map.of("bootstrap.servers", cluster.bootstrapServers());
            try (Admin admin = Admin.create(config)) {
                admin.createTopics(List.of(new NewTopic("flights", 4, (short) -1)))
                        .all()
                        .get();
            }
            try (KafkaProducer<String, String> producer =
                            new KafkaProducer<>(config, new StringSerializer(), new StringSerializer());
                    KafkaSource source = KafkaSource.connect(cluster.bootstrapServers())) {
                produce(producer, 0, RECORDS);
                List<String> values = new ArrayList<>();
                try (Replay replay =
                        Replay.from(source).topics("flights").thenFollow().start()) {
                    read(replay, values, RECORDS);
                    produce(producer, RECORDS, 2 * RECORDS);
                    read(replay, values, 2 * RECORDS);
                }
                assertThat(values)
                        .containsExactlyInAnyOrderElementsOf(IntStream.range(0, 2 * RECORDS)
                                .mapToObj(String::valueOf)
                                .toList());
            }
        }
    }

    private static void produce(KafkaProducer<String, String> producer, int from, int to) {
        for (int i = from; i < to; i++) {
            var unused = producer.send(new ProducerRecord<>("flights", i % 4, "key", String.valueOf(i)));
        }
        producer.flush();
    }

    private static void read(Replay replay, List<String> values, int until) {
        while (values.size() < until) {
            ConsumerRecord<byte[], byte[]> record = replay.poll(Duration.ofSeconds(20));
            if (record == null) {
                throw new AssertionError("no record came after " + values.size());
            }
            values.add(new String(record.value(), StandardCharsets.UTF_8));
        }
    }
}
