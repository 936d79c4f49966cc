package io.siltstone.cli.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code siltstone dev} as a real process. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class DevCommandTest {
    /** What a JVM that SIGTERM has ended in good order ends with. */
    private static final int TERMINATED = 128 + 15;

    @TempDir
    Path folder;

    private int kafkaPort;
    private int httpPort;
    private Process dev;

    @BeforeEach
    void choosePorts() throws Exception {
        try (ServerSocket kafka = new ServerSocket(0);
                ServerSocket http = new ServerSocket(0)) {
            kafkaPort = kafka.getLocalPort();
            httpPort = http.getLocalPort();
        }
        dev = start();
    }

    @AfterEach
    void kill() {
        dev.destroyForcibly();
    }

    @Test
    void keepsWhatItHoldsOverARestart() throws Exception {
        produce("before");

        dev.destroy();
        int exit = dev.waitFor();
        String log = Files.readString(log());
        dev = start();
        produce("after");

        assertThat(exit).as(log).isEqualTo(TERMINATED);
        assertThat(log).contains("dev has stopped").doesNotContain("Exception");
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", "127.0.0.1:" + kafkaPort),
                new StringDeserializer(),
                new StringDeserializer())) {
            TopicPartition partition = new TopicPartition("letters", 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            assertThat(next(consumer)).isEqualTo("before");
            assertThat(next(consumer)).isEqualTo("after");
        }
    }

    @Test
    void endsWithAMessageWhereItsPortIsTaken() throws Exception {
        Process second = process(folder.resolve("second"), folder.resolve("second.log"));

        assertThat(second.waitFor()).isEqualTo(1);
        assertThat(Files.readString(folder.resolve("second.log"))).contains("siltstone: ", "ddress already in use");
    }

    @Test
    void leavesTheFolderOfAnotherAlone() throws Exception {
        Process second = process(folder.resolve("data"), folder.resolve("second.log"));

        assertThat(second.waitFor()).isEqualTo(1);
        assertThat(Files.readString(folder.resolve("second.log"))).contains("is in use by another siltstone dev");
        produce("still there");
    }

    private String next(KafkaConsumer<String, String> consumer) {
        while (true) {
            for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofSeconds(1))) {
                consumer.seek(new TopicPartition(record.topic(), record.partition()), record.offset() + 1);
                return record.value();
            }
        }
    }

    private void produce(String value) throws Exception {
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", "127.0.0.1:" + kafkaPort),
                new StringSerializer(),
                new StringSerializer())) {
            producer.send(new ProducerRecord<>("letters", 0, "key", value)).get();
        }
    }

    private Process start() throws Exception {
        Process started = process(folder.resolve("data"), log());
        while (!Files.readString(log()).contains("Kafka at 127.0.0.1:" + kafkaPort)) {
            assertThat(started.isAlive()).as(Files.readString(log())).isTrue();
            TimeUnit.MILLISECONDS.sleep(20); // between two looks; the test's own time-out ends it
        }
        return started;
    }

    private Process process(Path data, Path log) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "io.siltstone.cli.Siltstone",
                        "dev",
                        "--dir",
                        data.toString(),
                        "--kafka-port",
                        String.valueOf(kafkaPort),
                        "--http-port",
                        String.valueOf(httpPort))
                .directory(new File("/"))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    private Path log() {
        return folder.resolve("dev.log");
    }
}
