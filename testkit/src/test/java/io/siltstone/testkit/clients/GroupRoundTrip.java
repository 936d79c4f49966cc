package io.siltstone.testkit.clients;

import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * What a Java client does with groups, from the creation of a topic to two members that share it. Uses nothing but the
 * JDK and kafka-clients, so that it runs with whichever version of them its class loader holds.
 */
public final class GroupRoundTrip {

    private static final int PARTITIONS = 4;
    private static final int FIRST = 300;
    private static final int MORE = 100;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final String bootstrap;
    private final String topic;
    private final String group;
    private final String protocol;

    private GroupRoundTrip(String bootstrap, String name, String protocol) {
        this.bootstrap = bootstrap;
        this.topic = name;
        this.group = name + "-group";
        this.protocol = protocol;
    }

    /**
     * Runs it, and fails with what was seen where that is wrong.
     *
     * @param name of the topic, fresh
     * @param protocol the consumers' {@code group.protocol}
     */
    public static void run(String bootstrap, String name, String protocol) throws Exception {
        new GroupRoundTrip(bootstrap, name, protocol).run();
    }

    private void run() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            admin.createTopics(Set.of(new NewTopic(topic, PARTITIONS, (short) -1)))
                    .all()
                    .get();
            produce(0, FIRST);
            oneMemberReadsEverything();
            twoMembersGoOnWhereItStopped();
            committedOffsetsAreTheEnd(admin);
            admin.deleteConsumerGroups(Set.of(group)).all().get();
            admin.deleteTopics(Set.of(topic)).all().get();
        }
    }

    private void produce(int from, int to) throws ExecutionException, InterruptedException {
        Map<String, Object> settings = Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrap,
                ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                true,
                ProducerConfig.ACKS_CONFIG,
                "all");
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            for (int i = from; i < to; i++) {
                producer.send(new ProducerRecord<>(topic, i % PARTITIONS, "key" + i, value(i)));
            }
            producer.flush();
            long sent = producer.metrics().entrySet().stream()
                    .filter(metric -> metric.getKey().name().equals("record-error-total"))
                    .mapToLong(metric -> ((Number) metric.getValue().metricValue()).longValue())
                    .sum();
            require(sent == 0, sent + " records were refused");
        }
    }

    private void oneMemberReadsEverything() {
        Set<String> seen = new HashSet<>();
        try (KafkaConsumer<String, String> consumer = consumer()) {
            consumer.subscribe(List.of(topic));
            poll(FIRST, seen, List.of(consumer));
            require(consumer.assignment().size() == PARTITIONS, "the only member has " + consumer.assignment());
            consumer.commitSync();
        }
        requireValues(seen, 0, FIRST);
    }

    private void twoMembersGoOnWhereItStopped() throws Exception {
        Set<String> seen = new HashSet<>();
        try (KafkaConsumer<String, String> first = consumer();
                KafkaConsumer<String, String> second = consumer()) {
            first.subscribe(List.of(topic));
            second.subscribe(List.of(topic));
            balance(first, second, seen);
            produce(FIRST, FIRST + MORE);
            poll(MORE, seen, List.of(first, second));
            first.commitSync();
            second.commitSync();
        }
        requireValues(seen, FIRST, FIRST + MORE);
    }

    private static void balance(
            KafkaConsumer<String, String> first, KafkaConsumer<String, String> second, Set<String> seen) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (first.assignment().isEmpty()
                || second.assignment().isEmpty()
                || first.assignment().size() + second.assignment().size() != PARTITIONS) {
            require(System.nanoTime() < deadline, "no balance: " + first.assignment() + second.assignment());
            take(first, seen);
            take(second, seen);
        }
        require(seen.isEmpty(), "read again what was committed: " + seen);
    }

    private void committedOffsetsAreTheEnd(Admin admin) throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetAndMetadata> offsets = admin.listConsumerGroupOffsets(group)
                .partitionsToOffsetAndMetadata()
                .get();
        require(offsets.size() == PARTITIONS, "offsets are committed of " + offsets);
        long total =
                offsets.values().stream().mapToLong(OffsetAndMetadata::offset).sum();
        require(total == FIRST + MORE, "committed offsets add up to " + total);
        boolean listed = admin.listGroups().all().get().stream()
                .anyMatch(found -> found.groupId().equals(group));
        require(listed, group + " is not listed");
        GroupState state = admin.describeConsumerGroups(Set.of(group))
                .describedGroups()
                .values()
                .iterator()
                .next()
                .get()
                .groupState();
        require(state == GroupState.EMPTY, "a group without members is " + state);
    }

    private static void poll(int count, Set<String> seen, Collection<KafkaConsumer<String, String>> consumers) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (seen.size() < count) {
            require(System.nanoTime() < deadline, "read " + seen.size() + " of " + count + " records");
            consumers.forEach(consumer -> take(consumer, seen));
        }
    }

    private static void take(KafkaConsumer<String, String> consumer, Set<String> seen) {
        for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
            require(seen.add(record.value()), "read twice: " + record);
        }
    }

    private KafkaConsumer<String, String> consumer() {
        Map<String, Object> settings = Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap,
                ConsumerConfig.GROUP_ID_CONFIG, group,
                ConsumerConfig.GROUP_PROTOCOL_CONFIG, protocol,
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest",
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        return new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
    }

    private static void requireValues(Set<String> seen, int from, int to) {
        Set<String> missing = new TreeSet<>();
        for (int i = from; i < to; i++) {
            if (!seen.contains(value(i))) {
                missing.add(value(i));
            }
        }
        require(missing.isEmpty(), "missing: " + missing);
        require(seen.size() == to - from, "read " + seen.size() + " records, not " + (to - from));
    }

    private static String value(int i) {
        return "value" + i;
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
