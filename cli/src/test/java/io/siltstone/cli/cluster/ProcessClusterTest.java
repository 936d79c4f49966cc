package io.siltstone.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real JVMs, started, killed, restarted by hand and stopped. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ProcessClusterTest {
    @TempDir
    Path dir;

    private ProcessCluster cluster;

    @BeforeEach
    void cluster() {
        int kafkaPort = new FreePorts(24_000, List.of()).take();
        cluster = new ProcessCluster(
                dir,
                new ClusterSettings(
                        2, 1, kafkaPort, dir.resolve("bucket").toUri().toString(), Map.of(), Map.of()));
    }

    @AfterEach
    void stop() throws Exception {
        cluster.stop();
    }

    @Test
    void startsKillsRestartsAndStopsRealProcesses() throws Exception {
        cluster.start();
        assertThat(cluster.status()).allMatch(NodeStatus::ready);
        produce("first");
        long killed = pid("storage-1");

        cluster.kill("storage-1");
        assertThat(state("storage-1")).isEqualTo("stopped");
        Process byHand = new ProcessBuilder(
                        "sh", dir.resolve("storage-1.command").toString())
                .directory(new File("/"))
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("by-hand.log").toFile())
                .start();
        awaitReady("storage-1");

        assertThat(pid("storage-1")).isNotEqualTo(killed).isEqualTo(byHand.pid());
        cluster.awaitWritable();
        produce("second");

        assertThat(cluster.stop()).isEmpty();
        assertThat(cluster.status()).allMatch(node -> node.state().equals("stopped"));
        assertThat(cluster.stop()).isEmpty();
        assertThat(dir.resolve("storage-1.pid")).doesNotExist();
    }

    @Test
    void findsItsNodesAtTheSamePortsAfterARestart() throws Exception {
        cluster.start();
        List<NodeStatus> before = cluster.status();
        cluster.stop();

        ProcessCluster again = new ProcessCluster(dir, ClusterSettings.load(dir).orElseThrow());
        again.start();

        assertThat(again.status())
                .extracting(NodeStatus::http)
                .isEqualTo(before.stream().map(NodeStatus::http).toList());
        assertThat(Files.readString(dir.resolve("zookeeper.log"))).contains("zookeeper is ready");
    }

    private void produce(String value) throws Exception {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", cluster.settings().bootstrap());
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>("letters", value)).get();
        }
    }

    private void awaitReady(String node) throws Exception {
        while (!state(node).equals("ready")) {
            TimeUnit.MILLISECONDS.sleep(50); // between two questions; the test's own time-out ends it
        }
    }

    private long pid(String node) throws Exception {
        return cluster.status().stream()
                .filter(status -> status.node().equals(node))
                .mapToLong(status -> status.pid() == null ? -1 : status.pid())
                .findFirst()
                .orElseThrow();
    }

    private String state(String node) throws Exception {
        return cluster.status().stream()
                .filter(status -> status.node().equals(node))
                .map(NodeStatus::state)
                .findFirst()
                .orElseThrow();
    }
}
