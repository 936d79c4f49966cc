package io.siltstone.ingest.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.siltstone.ingest.api.ApiHandlers;
import io.siltstone.ingest.cluster.FakeCluster;
import io.siltstone.ingest.cluster.Requests;
import io.siltstone.ingest.topic.TopicDefaults;
import io.siltstone.ingest.topic.TopicIds;
import io.siltstone.ingest.topic.TopicSettings;
import io.siltstone.metadata.TopicImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsTopic;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsTopicCollection;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableReplicaAssignment;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableReplicaAssignmentCollection;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicCollection;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicConfig;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicConfigCollection;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicResult;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResourceResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResult;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.Cursor;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResourceCollection;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfigCollection;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.CreatePartitionsRequest;
import org.apache.kafka.common.requests.CreatePartitionsResponse;
import org.apache.kafka.common.requests.CreateTopicsRequest;
import org.apache.kafka.common.requests.CreateTopicsResponse;
import org.apache.kafka.common.requests.DeleteTopicsRequest;
import org.apache.kafka.common.requests.DeleteTopicsResponse;
import org.apache.kafka.common.requests.DescribeConfigsRequest;
import org.apache.kafka.common.requests.DescribeConfigsResponse;
import org.apache.kafka.common.requests.DescribeConfigsResponse.ConfigSource;
import org.apache.kafka.common.requests.DescribeTopicPartitionsRequest;
import org.apache.kafka.common.requests.DescribeTopicPartitionsResponse;
import org.apache.kafka.common.requests.IncrementalAlterConfigsRequest;
import org.apache.kafka.common.requests.IncrementalAlterConfigsResponse;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AdminTest {

    private static final Map<String, String> SETTINGS =
            Map.of("num.partitions", "4", "log.retention.hours", "2", "s3.secret.access.key", "hush");

    private final FakeCluster cluster = new FakeCluster(3);
    private final Requests requests = new Requests(handlers());

    private ApiHandlers handlers() {
        ApiHandlers handlers = new ApiHandlers();
        new Admin(1, SETTINGS, "http://localhost:8080", new TopicDefaults(SETTINGS), cluster, cluster)
                .register(handlers);
        return handlers;
    }

    @Test
    void createsATopicWithDefaults() {
        CreatableTopicResult result = create(7, "flights", -1, -1, Map.of(), false);

        TopicImage topic = topic("flights");
        assertThat(Errors.forCode(result.errorCode())).isEqualTo(Errors.NONE);
        assertThat(result.topicId()).isEqualTo(TopicIds.toKafka(topic.id()));
        assertThat(result.numPartitions()).isEqualTo(4);
        assertThat(result.replicationFactor()).isEqualTo((short) 3);
        assertThat(topic.partitionCount()).isEqualTo(4);
        assertThat(topic.configs()).containsExactly(Map.entry(TopicSettings.REPLICATION_FACTOR, "3"));
    }

    @Test
    void createsTopicsInEveryVersion() {
        for (int version = 2; version <= 7; version++) {
            assertThat(create(version, "topic" + version, 2, 1, Map.of("retention.ms", "5"), false)
                            .errorCode())
                    .isZero();
            assertThat(topic("topic" + version).configs()).containsEntry("retention.ms", "5");
        }
    }

    @Test
    void onlyChecksWhereAskedTo() {
        assertThat(create(7, "flights", 2, 2, Map.of(), true).errorCode()).isZero();

        assertThat(cluster.image().topic("flights")).isEmpty();
    }

    @Test
    void refusesTopicsThatCannotBe() {
        create(7, "flights.late", 1, 1, Map.of(), false);

        assertThat(error("flights.late", 1, 1, Map.of())).isEqualTo(Errors.TOPIC_ALREADY_EXISTS);
        assertThat(error("flights_late", 1, 1, Map.of())).isEqualTo(Errors.INVALID_TOPIC_EXCEPTION);
        assertThat(error("no spaces", 1, 1, Map.of())).isEqualTo(Errors.INVALID_TOPIC_EXCEPTION);
        assertThat(error("none", 0, 1, Map.of())).isEqualTo(Errors.INVALID_PARTITIONS);
        assertThat(error("none", 1, 0, Map.of())).isEqualTo(Errors.INVALID_REPLICATION_FACTOR);
        assertThat(error("none", 1, 4, Map.of())).isEqualTo(Errors.INVALID_REPLICATION_FACTOR);
        assertThat(error("none", 1, 1, Map.of("no.such", "1"))).isEqualTo(Errors.INVALID_CONFIG);
        assertThat(error("none", 1, 1, Map.of("retention.ms", "soon"))).isEqualTo(Errors.INVALID_CONFIG);
        assertThat(error("none", 1, 1, Map.of(TopicSettings.REPLICATION_FACTOR, "1")))
                .isEqualTo(Errors.INVALID_CONFIG);
    }

    @Test
    void refusesToAssignReplicasToBrokers() {
        CreatableReplicaAssignmentCollection assignments = new CreatableReplicaAssignmentCollection();
        assignments.add(new CreatableReplicaAssignment().setPartitionIndex(0).setBrokerIds(List.of(1)));
        CreatableTopic topic = new CreatableTopic()
                .setName("flights")
                .setNumPartitions(-1)
                .setReplicationFactor((short) -1)
                .setAssignments(assignments);

        assertThat(Errors.forCode(create(7, List.of(topic), false).get(0).errorCode()))
                .isEqualTo(Errors.INVALID_REPLICA_ASSIGNMENT);
    }

    @Test
    void refusesATopicNamedTwiceAndCreatesTheOthers() {
        CreatableTopic twice =
                new CreatableTopic().setName("a").setNumPartitions(1).setReplicationFactor((short) 1);
        CreatableTopic once = twice.duplicate().setName("b");

        List<CreatableTopicResult> results = create(7, List.of(twice, once, twice.duplicate()), false);

        assertThat(results).extracting(CreatableTopicResult::name).containsExactlyInAnyOrder("a", "b");
        assertThat(cluster.image().topics()).containsOnlyKeys("b");
    }

    @Test
    void deletesTopicsByNameAndById() {
        create(7, "a", 1, 1, Map.of(), false);
        create(7, "b", 1, 1, Map.of(), false);
        create(7, "c", 1, 1, Map.of(), false);

        assertThat(delete(5, new DeleteTopicsRequestData().setTopicNames(List.of("a"))))
                .isEqualTo(Errors.NONE);
        assertThat(delete(6, byName("b"))).isEqualTo(Errors.NONE);
        assertThat(delete(6, byId(TopicIds.toKafka(topic("c").id())))).isEqualTo(Errors.NONE);

        assertThat(cluster.image().topics()).isEmpty();
    }

    @Test
    void refusesToDeleteWhatIsNotThereOrNeeded() {
        cluster.createTopic("__consumer_offsets", 1, Map.of()).join();

        assertThat(delete(6, byName("a"))).isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(delete(6, byId(Uuid.randomUuid()))).isEqualTo(Errors.UNKNOWN_TOPIC_ID);
        assertThat(delete(6, byName("__consumer_offsets"))).isEqualTo(Errors.INVALID_REQUEST);
    }

    @Test
    void raisesPartitionCounts() {
        create(7, "flights", 2, 1, Map.of(), false);

        assertThat(grow("flights", 5, true)).isEqualTo(Errors.NONE);
        assertThat(topic("flights").partitionCount()).isEqualTo(2);
        assertThat(grow("flights", 5, false)).isEqualTo(Errors.NONE);
        assertThat(topic("flights").partitionCount()).isEqualTo(5);
        assertThat(grow("flights", 5, false)).isEqualTo(Errors.INVALID_PARTITIONS);
        assertThat(grow("trains", 5, false)).isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION);
    }

    @Test
    void describesATopicsSettingsWithTheirSources() {
        create(7, "flights", 2, 1, Map.of("cleanup.policy", "compact"), false);

        Map<String, DescribeConfigsResourceResult> configs = describe(ConfigResource.Type.TOPIC, "flights");

        assertSetting(configs, "cleanup.policy", "compact", ConfigSource.TOPIC_CONFIG);
        assertSetting(configs, "retention.ms", "7200000", ConfigSource.STATIC_BROKER_CONFIG);
        assertSetting(configs, "segment.bytes", "134217728", ConfigSource.DEFAULT_CONFIG);
        assertThat(configs).doesNotContainKey(TopicSettings.REPLICATION_FACTOR);
        assertThat(found(configs, "cleanup.policy").synonyms())
                .extracting(synonym -> synonym.name() + "=" + synonym.value())
                .containsExactly("cleanup.policy=compact", "log.cleanup.policy=delete");
    }

    @Test
    void describesTheNodeButNotItsSecrets() {
        Map<String, DescribeConfigsResourceResult> configs = describe(ConfigResource.Type.BROKER, "1");

        assertSetting(configs, "siltstone.http.address", "http://localhost:8080", ConfigSource.STATIC_BROKER_CONFIG);
        assertSetting(configs, "num.partitions", "4", ConfigSource.STATIC_BROKER_CONFIG);
        assertSetting(configs, "log.retention.hours", "2", ConfigSource.STATIC_BROKER_CONFIG);
        assertSetting(configs, "min.insync.replicas", "2", ConfigSource.DEFAULT_CONFIG);
        assertThat(found(configs, "s3.secret.access.key").isSensitive()).isTrue();
        assertThat(found(configs, "s3.secret.access.key").value()).isNull();
        assertThat(configs.values()).allMatch(DescribeConfigsResourceResult::readOnly);
    }

    @Test
    void describesOnlyItself() {
        assertThat(Errors.forCode(
                        describeResult(ConfigResource.Type.BROKER, "2").errorCode()))
                .isEqualTo(Errors.INVALID_REQUEST);
        assertThat(Errors.forCode(
                        describeResult(ConfigResource.Type.TOPIC, "none").errorCode()))
                .isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION);
    }

    @Test
    void altersSettingsByAllOperations() {
        create(7, "flights", 1, 1, Map.of("retention.bytes", "7"), false);

        assertThat(alter(
                        "flights",
                        false,
                        config("retention.ms", OpType.SET, "9"),
                        config("retention.bytes", OpType.DELETE, null),
                        config("cleanup.policy", OpType.APPEND, "compact")))
                .isEqualTo(Errors.NONE);
        assertThat(topic("flights").configs())
                .isEqualTo(Map.of(
                        "retention.ms",
                        "9",
                        "cleanup.policy",
                        "delete,compact",
                        TopicSettings.REPLICATION_FACTOR,
                        "1"));

        assertThat(alter("flights", false, config("cleanup.policy", OpType.SUBTRACT, "delete")))
                .isEqualTo(Errors.NONE);
        assertThat(topic("flights").configs()).containsEntry("cleanup.policy", "compact");
    }

    @Test
    void refusesBadAlterationsAndChangesNothing() {
        create(7, "flights", 1, 1, Map.of(), false);
        Map<String, String> before = topic("flights").configs();

        assertThat(alter("flights", false, config("retention.ms", OpType.SET, "soon")))
                .isEqualTo(Errors.INVALID_CONFIG);
        assertThat(alter("flights", false, config("no.such", OpType.SET, "1"))).isEqualTo(Errors.INVALID_CONFIG);
        assertThat(alter("flights", false, config("retention.ms", OpType.APPEND, "1")))
                .isEqualTo(Errors.INVALID_CONFIG);
        assertThat(alter("flights", false, config(TopicSettings.REPLICATION_FACTOR, OpType.DELETE, null)))
                .isEqualTo(Errors.INVALID_CONFIG);
        assertThat(alter("flights", false, config("retention.ms", OpType.SET, null)))
                .isEqualTo(Errors.INVALID_REQUEST);
        assertThat(alter("flights", true, config("retention.ms", OpType.SET, "1")))
                .isEqualTo(Errors.NONE);
        assertThat(alter("trains", false, config("retention.ms", OpType.SET, "1")))
                .isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(topic("flights").configs()).isEqualTo(before);
    }

    @Test
    void tellsPartitionsPageByPage() {
        create(7, "a", 3, 1, Map.of(), false);
        create(7, "b", 2, 1, Map.of(), false);

        List<String> told = new ArrayList<>();
        Cursor cursor = null;
        int pages = 0;
        do {
            DescribeTopicPartitionsResponseData page = partitions(cursor, 2);
            page.topics()
                    .forEach(topic -> topic.partitions().forEach(partition -> {
                        assertThat(partition.leaderId()).isEqualTo(FakeCluster.NODE.node());
                        told.add(topic.name() + partition.partitionIndex());
                    }));
            cursor = page.nextCursor();
            pages++;
        } while (cursor != null);

        assertThat(told).containsExactly("a0", "a1", "a2", "b0", "b1");
        assertThat(pages).isEqualTo(3);
    }

    @Test
    void tellsThatAPartitionHasNoLeaderYet() {
        cluster.stopOwning();
        cluster.createTopic("a", 1, Map.of()).join();

        DescribeTopicPartitionsResponseData page = partitions(null, 10);

        assertThat(page.topics().find("a").partitions().get(0).errorCode())
                .isEqualTo(Errors.LEADER_NOT_AVAILABLE.code());
        assertThat(page.topics().find("a").partitions().get(0).leaderId()).isEqualTo(-1);
    }

    private TopicImage topic(String name) {
        return cluster.image().topic(name).orElseThrow();
    }

    private Errors error(String name, int partitions, int factor, Map<String, String> configs) {
        return Errors.forCode(
                create(7, name, partitions, factor, configs, false).errorCode());
    }

    private CreatableTopicResult create(
            int version, String name, int partitions, int factor, Map<String, String> configs, boolean validateOnly) {
        CreatableTopicConfigCollection own = new CreatableTopicConfigCollection();
        configs.forEach(
                (key, value) -> own.add(new CreatableTopicConfig().setName(key).setValue(value)));
        CreatableTopic topic = new CreatableTopic()
                .setName(name)
                .setNumPartitions(partitions)
                .setReplicationFactor((short) factor)
                .setConfigs(own);
        return create(version, List.of(topic), validateOnly).get(0);
    }

    private List<CreatableTopicResult> create(int version, List<CreatableTopic> topics, boolean validateOnly) {
        CreatableTopicCollection all = new CreatableTopicCollection();
        all.addAll(topics);
        CreateTopicsRequestData data =
                new CreateTopicsRequestData().setTopics(all).setTimeoutMs(5_000).setValidateOnly(validateOnly);
        return List.copyOf(requests.send(new CreateTopicsRequest.Builder(data), version, CreateTopicsResponse.class)
                .data()
                .topics());
    }

    private static DeleteTopicsRequestData byName(String name) {
        return new DeleteTopicsRequestData().setTopics(List.of(new DeleteTopicState().setName(name)));
    }

    private static DeleteTopicsRequestData byId(Uuid id) {
        return new DeleteTopicsRequestData().setTopics(List.of(new DeleteTopicState().setTopicId(id)));
    }

    private Errors delete(int version, DeleteTopicsRequestData data) {
        DeleteTopicsResponse response = requests.send(
                new DeleteTopicsRequest.Builder(data.setTimeoutMs(5_000)), version, DeleteTopicsResponse.class);
        return Errors.forCode(response.data().responses().iterator().next().errorCode());
    }

    private Errors grow(String name, int count, boolean validateOnly) {
        CreatePartitionsTopicCollection topics = new CreatePartitionsTopicCollection();
        topics.add(new CreatePartitionsTopic().setName(name).setCount(count).setAssignments(null));
        CreatePartitionsRequestData data = new CreatePartitionsRequestData()
                .setTopics(topics)
                .setTimeoutMs(1_000)
                .setValidateOnly(validateOnly);
        CreatePartitionsResponse response =
                requests.send(new CreatePartitionsRequest.Builder(data), CreatePartitionsResponse.class);
        return Errors.forCode(response.data().results().get(0).errorCode());
    }

    private DescribeConfigsResult describeResult(ConfigResource.Type type, String name) {
        DescribeConfigsRequestData data = new DescribeConfigsRequestData()
                .setIncludeSynonyms(true)
                .setResources(List.of(new DescribeConfigsResource()
                        .setResourceType(type.id())
                        .setResourceName(name)
                        .setConfigurationKeys(null)));
        return requests.send(new DescribeConfigsRequest.Builder(data), DescribeConfigsResponse.class)
                .data()
                .results()
                .get(0);
    }

    private Map<String, DescribeConfigsResourceResult> describe(ConfigResource.Type type, String name) {
        DescribeConfigsResult result = describeResult(type, name);
        assertThat(Errors.forCode(result.errorCode())).isEqualTo(Errors.NONE);
        return result.configs().stream()
                .collect(Collectors.toMap(DescribeConfigsResourceResult::name, config -> config));
    }

    private static DescribeConfigsResourceResult found(
            Map<String, DescribeConfigsResourceResult> configs, String name) {
        DescribeConfigsResourceResult config = configs.get(name);
        if (config == null) {
            throw new AssertionError(name + " is not told");
        }
        return config;
    }

    private static void assertSetting(
            Map<String, DescribeConfigsResourceResult> configs, String name, String value, ConfigSource source) {
        DescribeConfigsResourceResult config = found(configs, name);
        assertThat(config.value()).as(name).isEqualTo(value);
        assertThat(ConfigSource.forId(config.configSource())).as(name).isEqualTo(source);
    }

    private static AlterableConfig config(String name, OpType type, @Nullable String value) {
        return new AlterableConfig().setName(name).setConfigOperation(type.id()).setValue(value);
    }

    private Errors alter(String topic, boolean validateOnly, AlterableConfig... configs) {
        AlterableConfigCollection all = new AlterableConfigCollection();
        all.addAll(Arrays.asList(configs));
        AlterConfigsResourceCollection resources = new AlterConfigsResourceCollection();
        resources.add(new AlterConfigsResource()
                .setResourceType(ConfigResource.Type.TOPIC.id())
                .setResourceName(topic)
                .setConfigs(all));
        IncrementalAlterConfigsRequestData data =
                new IncrementalAlterConfigsRequestData().setResources(resources).setValidateOnly(validateOnly);
        IncrementalAlterConfigsResponse response =
                requests.send(new IncrementalAlterConfigsRequest.Builder(data), IncrementalAlterConfigsResponse.class);
        return Errors.forCode(response.data().responses().get(0).errorCode());
    }

    private DescribeTopicPartitionsResponseData partitions(@Nullable Cursor cursor, int limit) {
        DescribeTopicPartitionsRequestData data =
                new DescribeTopicPartitionsRequestData().setResponsePartitionLimit(limit);
        if (cursor != null) {
            data.setCursor(new DescribeTopicPartitionsRequestData.Cursor()
                    .setTopicName(cursor.topicName())
                    .setPartitionIndex(cursor.partitionIndex()));
        }
        return requests.send(new DescribeTopicPartitionsRequest.Builder(data), DescribeTopicPartitionsResponse.class)
                .data();
    }
}
