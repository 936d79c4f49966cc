package io.siltstone.cli.topics;

import io.siltstone.cli.Json;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.config.ConfigResource;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code siltstone topics}: makes, shows and deletes topics, through the Kafka protocol. */
@Command(
        name = "topics",
        mixinStandardHelpOptions = true,
        description = "Lists, creates, describes and deletes topics.")
public final class TopicsCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "which of list, create, describe and delete?");
    }

    @Command(name = "list", mixinStandardHelpOptions = true, description = "Lists the topics by name.")
    int list(
            @Mixin ClusterOption cluster,
            @Option(names = "--internal", description = "Internal topics too.") boolean internal)
            throws InterruptedException {
        try (Admin admin = cluster.admin()) {
            var names = new TreeSet<>(result(
                    "the topics",
                    admin.listTopics(new ListTopicsOptions().listInternal(internal))
                            .names()));
            PrintWriter out = spec.commandLine().getOut();
            if (cluster.json()) {
                out.println(Json.pretty(names));
            } else {
                names.forEach(out::println);
            }
            out.flush();
            return 0;
        }
    }

    @Command(name = "create", mixinStandardHelpOptions = true, description = "Creates a topic.")
    int create(
            @Mixin ClusterOption cluster,
            @Parameters(paramLabel = "TOPIC", description = "The topic.") String topic,
            @Option(names = "--partitions", paramLabel = "N", description = "Default: the cluster's.") @Nullable
                    Integer partitions,
            @Option(
                            names = "--replication-factor",
                            paramLabel = "N",
                            description = "Write quorum: copies of each record until it is in the bucket.")
                    @Nullable
                    Short replicationFactor,
            @Option(names = "--config", paramLabel = "KEY=VALUE", description = "A setting; may be repeated.") @Nullable
                    Map<String, String> configs)
            throws InterruptedException {
        NewTopic wanted = new NewTopic(topic, Optional.ofNullable(partitions), Optional.ofNullable(replicationFactor))
                .configs(configs == null ? Map.of() : configs);
        try (Admin admin = cluster.admin()) {
            var created = admin.createTopics(List.of(wanted));
            result("topic " + topic, created.all());
            PrintWriter out = spec.commandLine().getOut();
            int count = result("topic " + topic, created.numPartitions(topic));
            if (cluster.json()) {
                out.println(Json.pretty(Map.of("topic", topic, "partitions", count)));
            } else {
                out.println("created " + topic + " with " + count + " partitions");
            }
            out.flush();
            return 0;
        }
    }

    @Command(
            name = "describe",
            mixinStandardHelpOptions = true,
            description = "Shows partitions, offsets and settings.")
    int describe(
            @Mixin ClusterOption cluster, @Parameters(paramLabel = "TOPIC", description = "The topic.") String topic)
            throws InterruptedException {
        try (Admin admin = cluster.admin()) {
            Description description = description(admin, topic);
            PrintWriter out = spec.commandLine().getOut();
            if (cluster.json()) {
                out.println(Json.pretty(description));
            } else {
                out.printf("%s, id %s%n", description.topic(), description.id());
                description.configs().forEach((key, value) -> out.printf("  %s = %s%n", key, value));
                out.printf("%-10s %-8s %15s %15s%n", "partition", "leader", "log start", "end");
                for (PartitionLine line : description.partitions()) {
                    out.printf(
                            "%-10d %-8s %,15d %,15d%n",
                            line.partition(),
                            line.leader() == null ? "none" : line.leader(),
                            line.logStart(),
                            line.end());
                }
            }
            out.flush();
            return 0;
        }
    }

    @Command(name = "delete", mixinStandardHelpOptions = true, description = "Deletes topics.")
    int delete(
            @Mixin ClusterOption cluster,
            @Parameters(paramLabel = "TOPIC", arity = "1..*", description = "The topics.") List<String> topics)
            throws InterruptedException {
        try (Admin admin = cluster.admin()) {
            result(
                    "topics " + String.join(", ", topics),
                    admin.deleteTopics(topics).all());
        }
        if (cluster.json()) {
            PrintWriter out = spec.commandLine().getOut();
            out.println(Json.pretty(Map.of("deleted", topics)));
            out.flush();
        }
        return 0;
    }

    private static Description description(Admin admin, String topic) throws InterruptedException {
        TopicDescription described = result(
                        "topic " + topic, admin.describeTopics(List.of(topic)).allTopicNames())
                .get(topic);
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        Config config = result(
                        "topic " + topic,
                        admin.describeConfigs(List.of(resource)).all())
                .get(resource);
        if (described == null || config == null) {
            throw new IllegalStateException("the cluster answered nothing about " + topic);
        }
        Map<String, @Nullable String> configs = new TreeMap<>();
        for (ConfigEntry entry : config.entries()) {
            if (entry.source() == ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG) {
                configs.put(entry.name(), entry.value());
            }
        }
        var starts = result(
                "topic " + topic,
                admin.listOffsets(offsets(described, OffsetSpec.earliest())).all());
        var ends = result(
                "topic " + topic,
                admin.listOffsets(offsets(described, OffsetSpec.latest())).all());
        List<PartitionLine> lines = new ArrayList<>();
        for (TopicPartitionInfo partition : described.partitions()) {
            TopicPartition key = new TopicPartition(topic, partition.partition());
            lines.add(new PartitionLine(
                    partition.partition(),
                    partition.leader() == null ? null : partition.leader().id(),
                    offset(starts.get(key)),
                    offset(ends.get(key))));
        }
        return new Description(topic, described.topicId().toString(), configs, lines);
    }

    private static Map<TopicPartition, OffsetSpec> offsets(TopicDescription topic, OffsetSpec which) {
        Map<TopicPartition, OffsetSpec> questions = new HashMap<>();
        topic.partitions()
                .forEach(partition -> questions.put(new TopicPartition(topic.name(), partition.partition()), which));
        return questions;
    }

    private static long offset(@Nullable ListOffsetsResultInfo answer) {
        if (answer == null) {
            throw new IllegalStateException("the cluster left out the offset of a partition");
        }
        return answer.offset();
    }

    /** The answer; a failure says what it is about. */
    private static <T> T result(String about, KafkaFuture<T> answer) throws InterruptedException {
        try {
            return answer.get();
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IllegalStateException(about + ": " + cause.getMessage(), cause);
        }
    }

    /** A topic as {@code describe --json} writes it. */
    private record Description(
            String topic, String id, Map<String, @Nullable String> configs, List<PartitionLine> partitions) {}

    /** One of its partitions; the leader is null where nobody owns it. */
    private record PartitionLine(int partition, @Nullable Integer leader, long logStart, long end) {}
}
