package io.siltstone.cli;

import io.siltstone.testkit.cluster.InProcessCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A small cluster in this process, with a folder as its bucket, for all tests of a class. */
public final class SharedCluster implements BeforeAllCallback, AfterAllCallback {

    private @Nullable Path folder;
    private @Nullable InProcessCluster cluster;

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        folder = Files.createTempDirectory("siltstone-cli-test");
        cluster = InProcessCluster.start(
                folder, 3, 1, Map.of("bucket", bucket().toUri().toString()));
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        if (cluster != null) {
            cluster.close();
        }
        List<Path> deepestFirst;
        try (var files = Files.walk(folder())) {
            deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : deepestFirst) {
            Files.delete(file);
        }
    }

    /** Its own, for whatever a test writes too; gone after the last test. */
    public Path folder() {
        return Objects.requireNonNull(folder, "the cluster is not started");
    }

    public Path bucket() {
        return folder().resolve("bucket");
    }

    public String bootstrapServers() {
        return Objects.requireNonNull(cluster, "the cluster is not started").bootstrapServers();
    }

    /** Runs a command that is told where the cluster is. */
    public CommandRun run(String... words) {
        List<String> args = new ArrayList<>(List.of(words));
        args.addAll(List.of("--bootstrap", bootstrapServers()));
        return CommandRun.of(args.toArray(String[]::new));
    }

    /** Sends records without keys; returns when all are acknowledged. */
    public void produce(String topic, List<String> values) throws InterruptedException, ExecutionException {
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrapServers()), new StringSerializer(), new StringSerializer())) {
            List<Future<?>> sent = new ArrayList<>();
            for (String value : values) {
                sent.add(producer.send(new ProducerRecord<>(topic, value)));
            }
            for (Future<?> each : sent) {
                each.get();
            }
        }
    }
}
