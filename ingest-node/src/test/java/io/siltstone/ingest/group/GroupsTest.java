package io.siltstone.ingest.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.siltstone.ingest.api.ApiHandlers;
import io.siltstone.ingest.cluster.Await;
import io.siltstone.ingest.cluster.FakeCluster;
import io.siltstone.ingest.cluster.FakeOffsetsLog;
import io.siltstone.ingest.cluster.Requests;
import io.siltstone.ingest.topic.TopicDefaults;
import io.siltstone.metadata.TopicImage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData.Coordinator;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocolCollection;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponsePartitions;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData.SyncGroupRequestAssignment;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ConsumerGroupHeartbeatRequest;
import org.apache.kafka.common.requests.ConsumerGroupHeartbeatResponse;
import org.apache.kafka.common.requests.DeleteGroupsRequest;
import org.apache.kafka.common.requests.DeleteGroupsResponse;
import org.apache.kafka.common.requests.DescribeGroupsRequest;
import org.apache.kafka.common.requests.DescribeGroupsResponse;
import org.apache.kafka.common.requests.FindCoordinatorRequest;
import org.apache.kafka.common.requests.FindCoordinatorResponse;
import org.apache.kafka.common.requests.JoinGroupRequest;
import org.apache.kafka.common.requests.JoinGroupResponse;
import org.apache.kafka.common.requests.ListGroupsRequest;
import org.apache.kafka.common.requests.ListGroupsResponse;
import org.apache.kafka.common.requests.OffsetCommitRequest;
import org.apache.kafka.common.requests.OffsetCommitResponse;
import org.apache.kafka.common.requests.OffsetFetchRequest;
import org.apache.kafka.common.requests.OffsetFetchResponse;
import org.apache.kafka.common.requests.SyncGroupRequest;
import org.apache.kafka.common.requests.SyncGroupResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GroupsTest {

    private static final Map<String, String> SETTINGS =
            Map.of("offsets.topic.num.partitions", "1", "group.initial.rebalance.delay.ms", "0");
    private static final String GROUP = "readers";

    private final FakeCluster cluster = new FakeCluster(3);
    private final List<Groups> started = new ArrayList<>();
    private final Groups groups = start();
    private final Requests requests = requests(groups);
    private final TopicImage topic = cluster.createTopic("flights", 2, Map.of()).join();

    @AfterEach
    void stop() {
        started.forEach(Groups::close);
    }

    @Test
    void createsTheOffsetsTopicWhenACoordinatorIsFirstAskedFor() {
        assertThat(findCoordinator(6, (byte) 0).errorCode()).isEqualTo(Errors.COORDINATOR_NOT_AVAILABLE.code());

        Coordinator found = findCoordinator(6, (byte) 0);

        assertThat(found.errorCode()).isZero();
        assertThat(found.nodeId()).isEqualTo(FakeCluster.NODE.node());
        assertThat(found.port()).isEqualTo(9092);
        assertThat(cluster.image().topic("__consumer_offsets").orElseThrow().configs())
                .containsEntry("cleanup.policy", "compact");
    }

    @Test
    void createsTheOffsetsTopicAsSoonAsThereAreDisksEnoughToOpenIt() {
        FakeCluster growing = new FakeCluster(1);
        Groups groupsOfIt = new Groups(1, SETTINGS, new TopicDefaults(SETTINGS), growing, growing);
        started.add(groupsOfIt);

        groupsOfIt.prepare();
        assertThat(growing.image().topic("__consumer_offsets")).isEmpty();

        growing.storageNodes(2); // the acknowledgement quorum, of a write quorum of 3
        assertThat(growing.image().topic("__consumer_offsets")).isPresent();
    }

    @Test
    void leavesTheOffsetsTopicAloneUntilItIsToldToPrepare() {
        cluster.storageNodes(4);

        assertThat(cluster.image().topic("__consumer_offsets")).isEmpty();
    }

    @Test
    void namesTheCoordinatorInOldVersionsToo() {
        findCoordinator(0, (byte) 0);

        for (int version = 0; version <= 6; version++) {
            assertThat(findCoordinator(version, (byte) 0).nodeId()).isEqualTo(FakeCluster.NODE.node());
        }
    }

    @Test
    void refusesToNameATransactionCoordinator() {
        assertThat(findCoordinator(6, (byte) 1).errorCode()).isEqualTo(Errors.INVALID_REQUEST.code());
    }

    @Test
    void answersThatItCoordinatesNothingBeforeItOwnsAnOffsetsPartition() {
        findCoordinator(6, (byte) 0);

        Await.until("the coordinator started", () -> commit(9, 5, GROUP) == Errors.NOT_COORDINATOR);
    }

    @Test
    void remembersCommittedOffsetsInEveryVersion() {
        open(0);
        for (int version = 2; version <= 10; version++) {
            assertThat(commit(version, 40 + version, GROUP))
                    .as("commit %d", version)
                    .isEqualTo(Errors.NONE);
            for (int fetch = 1; fetch <= 10; fetch++) {
                assertThat(fetch(fetch, requests).committedOffset())
                        .as("fetch %d", fetch)
                        .isEqualTo(40 + version);
            }
        }
    }

    @Test
    void answersACommitOnlyOnceItIsDurable() {
        FakeOffsetsLog log = open(0);
        log.holdBack();

        CompletableFuture<OffsetCommitResponse> answer =
                requests.sendAsync(commitRequest(8, GROUP, 0), 9, OffsetCommitResponse.class);

        Await.until("the commit is written", () -> log.endOffset() > log.highWatermark());
        assertThat(answer).isNotDone();
        assertThat(fetch(9, requests).committedOffset()).isEqualTo(-1);
        log.makeDurable();
        assertThat(error(answer.join())).isEqualTo(Errors.NONE);
        assertThat(fetch(9, requests).committedOffset()).isEqualTo(8);
    }

    @Test
    void failsWhatIsNotDurableWhenTheTenureEnds() {
        FakeOffsetsLog log = open(0);
        log.holdBack();
        CompletableFuture<OffsetCommitResponse> answer =
                requests.sendAsync(commitRequest(8, GROUP, 0), 9, OffsetCommitResponse.class);
        Await.until("the commit is written", () -> log.endOffset() > log.highWatermark());

        log.resign();
        groups.resigned(log);

        assertThat(error(answer.join())).isEqualTo(Errors.NOT_COORDINATOR);
    }

    @Test
    void takesUpWhatTheLastTenureMadeDurableAndNothingElse() {
        FakeOffsetsLog first = open(0);
        assertThat(commit(9, 8, GROUP)).isEqualTo(Errors.NONE);
        first.holdBack();
        CompletableFuture<OffsetCommitResponse> lost =
                requests.sendAsync(commitRequest(9, GROUP, 0), 9, OffsetCommitResponse.class);
        Await.until("the second commit is written", () -> first.endOffset() > first.highWatermark());

        FakeOffsetsLog second = first.successor();
        first.resign();
        groups.resigned(first);
        groups.opened(second);

        assertThat(error(lost.join())).isEqualTo(Errors.NOT_COORDINATOR);
        awaitLoaded(requests);
        assertThat(fetch(9, requests).committedOffset()).isEqualTo(8);
        assertThat(commit(9, 10, GROUP)).isEqualTo(Errors.NONE);
        assertThat(fetch(9, requests).committedOffset()).isEqualTo(10);
    }

    @Test
    void anotherNodeTakesUpTheGroups() {
        FakeOffsetsLog first = open(0);
        commit(9, 8, GROUP);
        Groups other = start();
        Requests toOther = requests(other);

        other.opened(first.successor());

        awaitLoaded(toOther);
        assertThat(fetch(9, toOther).committedOffset()).isEqualTo(8);
    }

    @Test
    void tellsNoOffsetsOnceFenced() {
        FakeOffsetsLog log = open(0);
        commit(9, 8, GROUP);

        log.fence();

        assertThat(fetchGroup(9, requests).errorCode()).isEqualTo(Errors.NOT_COORDINATOR.code());
    }

    @Test
    void refusesOffsetsOfTopicsAndPartitionsThatAreNotThere() {
        open(0);

        assertThat(error(requests.send(commitRequest(5, GROUP, 2), 9, OffsetCommitResponse.class)))
                .isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION);
        OffsetCommitRequest.Builder unknown =
                OffsetCommitRequest.Builder.forTopicIdsOrNames(commitData(5, GROUP, 0, Uuid.randomUuid()));
        assertThat(error(requests.send(unknown, 10, OffsetCommitResponse.class)))
                .isEqualTo(Errors.UNKNOWN_TOPIC_ID);
        OffsetFetchResponse fetched = requests.send(
                OffsetFetchRequest.Builder.forTopicIdsOrNames(fetchData(Uuid.randomUuid()), false),
                10,
                OffsetFetchResponse.class);
        assertThat(fetched.group(GROUP).topics().get(0).partitions().get(0).errorCode())
                .isEqualTo(Errors.UNKNOWN_TOPIC_ID.code());
    }

    @Test
    void namesAllCommittedOffsetsByTopicId() {
        open(0);
        commit(10, 8, GROUP);

        OffsetFetchRequestData all = new OffsetFetchRequestData()
                .setGroups(
                        List.of(new OffsetFetchRequestGroup().setGroupId(GROUP).setTopics(null)));
        OffsetFetchResponse answer =
                requests.send(OffsetFetchRequest.Builder.forTopicIdsOrNames(all, false), 10, OffsetFetchResponse.class);

        assertThat(answer.group(GROUP).topics())
                .singleElement()
                .satisfies(found -> assertThat(found.topicId()).isEqualTo(topicId()));
    }

    @Test
    void membersOfTheClassicProtocolAgreeOnAssignments() {
        open(0);
        JoinGroupResponseData joined = join();

        SyncGroupResponse synced = requests.send(
                new SyncGroupRequest.Builder(new SyncGroupRequestData()
                        .setGroupId(GROUP)
                        .setMemberId(joined.memberId())
                        .setGenerationId(joined.generationId())
                        .setProtocolType("consumer")
                        .setProtocolName("range")
                        .setAssignments(List.of(new SyncGroupRequestAssignment()
                                .setMemberId(joined.memberId())
                                .setAssignment("all of it".getBytes(StandardCharsets.UTF_8))))),
                SyncGroupResponse.class);

        assertThat(joined.leader()).isEqualTo(joined.memberId());
        assertThat(synced.data().errorCode()).isZero();
        assertThat(new String(synced.data().assignment(), StandardCharsets.UTF_8))
                .isEqualTo("all of it");
        DescribeGroupsResponse described = requests.send(
                new DescribeGroupsRequest.Builder(new DescribeGroupsRequestData().setGroups(List.of(GROUP))),
                DescribeGroupsResponse.class);
        assertThat(described.data().groups().get(0).groupState()).isEqualTo("Stable");
    }

    @Test
    void membersOfTheConsumerProtocolAreAssignedPartitions() {
        open(0);
        String member = Uuid.randomUuid().toString();
        ConsumerGroupHeartbeatRequestData first = new ConsumerGroupHeartbeatRequestData()
                .setGroupId(GROUP)
                .setMemberId(member)
                .setMemberEpoch(0)
                .setRebalanceTimeoutMs(60_000)
                .setSubscribedTopicNames(List.of("flights"))
                .setTopicPartitions(List.of());
        List<ConsumerGroupHeartbeatResponseData> assigned = new ArrayList<>();
        int[] epoch = {heartbeat(first).memberEpoch()};

        Await.until("partitions are assigned", () -> {
            ConsumerGroupHeartbeatResponseData answer = heartbeat(new ConsumerGroupHeartbeatRequestData()
                    .setGroupId(GROUP)
                    .setMemberId(member)
                    .setMemberEpoch(epoch[0])
                    .setRebalanceTimeoutMs(60_000)
                    .setSubscribedTopicNames(List.of("flights"))
                    .setTopicPartitions(List.of()));
            epoch[0] = answer.memberEpoch();
            if (answer.assignment() != null
                    && !answer.assignment().topicPartitions().isEmpty()) {
                assigned.add(answer);
            }
            return !assigned.isEmpty();
        });

        assertThat(assigned.get(0).assignment().topicPartitions())
                .singleElement()
                .satisfies(part -> {
                    assertThat(part.topicId()).isEqualTo(topicId());
                    assertThat(part.partitions()).containsExactlyInAnyOrder(0, 1);
                });
    }

    @Test
    void listsNoGroupsWhereThereNeverWasOne() {
        ListGroupsResponse listed =
                requests.send(new ListGroupsRequest.Builder(new ListGroupsRequestData()), ListGroupsResponse.class);

        assertThat(listed.data().errorCode()).isZero();
        assertThat(listed.data().groups()).isEmpty();
    }

    @Test
    void listsAndDeletesGroups() {
        open(0);
        commit(9, 8, GROUP);

        assertThat(listed()).containsExactly(GROUP);
        DeleteGroupsResponse deleted = requests.send(
                new DeleteGroupsRequest.Builder(new DeleteGroupsRequestData().setGroupsNames(List.of(GROUP))),
                DeleteGroupsResponse.class);

        assertThat(deleted.get(GROUP)).isEqualTo(Errors.NONE);
        assertThat(listed()).isEmpty();
        assertThat(fetch(9, requests).committedOffset()).isEqualTo(-1);
    }

    @Test
    void forgetsTheOffsetsOfADeletedTopic() {
        open(0);
        commit(9, 8, GROUP);

        cluster.deleteTopic(topic.id());

        Await.until("the offset is forgotten", () -> fetch(9, requests).committedOffset() == -1);
    }

    private Groups start() {
        Groups fresh = new Groups(1, SETTINGS, new TopicDefaults(SETTINGS), cluster, cluster);
        started.add(fresh);
        return fresh;
    }

    private static Requests requests(Groups groups) {
        ApiHandlers handlers = new ApiHandlers();
        groups.register(handlers);
        return new Requests(handlers);
    }

    private FakeOffsetsLog open(int epoch) {
        findCoordinator(6, (byte) 0);
        FakeOffsetsLog log = new FakeOffsetsLog(0, epoch);
        groups.opened(log);
        awaitLoaded(requests);
        return log;
    }

    private void awaitLoaded(Requests to) {
        Await.until("the group's state is loaded", () -> fetchGroup(9, to).errorCode() == 0);
    }

    private Coordinator findCoordinator(int version, byte type) {
        FindCoordinatorRequestData data = new FindCoordinatorRequestData().setKeyType(type);
        if (version < FindCoordinatorRequest.MIN_BATCHED_VERSION) {
            data.setKey(GROUP);
        } else {
            data.setCoordinatorKeys(List.of(GROUP));
        }
        return requests.send(new FindCoordinatorRequest.Builder(data), version, FindCoordinatorResponse.class)
                .coordinators()
                .get(0);
    }

    private Uuid topicId() {
        return new Uuid(topic.id().getMostSignificantBits(), topic.id().getLeastSignificantBits());
    }

    private OffsetCommitRequest.Builder commitRequest(long offset, String group, int partition) {
        return OffsetCommitRequest.Builder.forTopicIdsOrNames(commitData(offset, group, partition, topicId()));
    }

    private static OffsetCommitRequestData commitData(long offset, String group, int partition, Uuid id) {
        return new OffsetCommitRequestData()
                .setGroupId(group)
                .setTopics(List.of(new OffsetCommitRequestTopic()
                        .setName("flights")
                        .setTopicId(id)
                        .setPartitions(List.of(new OffsetCommitRequestPartition()
                                .setPartitionIndex(partition)
                                .setCommittedOffset(offset)))));
    }

    private Errors commit(int version, long offset, String group) {
        return error(requests.send(commitRequest(offset, group, 0), version, OffsetCommitResponse.class));
    }

    private static Errors error(OffsetCommitResponse response) {
        return Errors.forCode(
                response.data().topics().get(0).partitions().get(0).errorCode());
    }

    private static OffsetFetchRequestData fetchData(Uuid id) {
        return new OffsetFetchRequestData()
                .setGroups(List.of(new OffsetFetchRequestGroup()
                        .setGroupId(GROUP)
                        .setTopics(List.of(new OffsetFetchRequestTopics()
                                .setName("flights")
                                .setTopicId(id)
                                .setPartitionIndexes(List.of(0))))));
    }

    private OffsetFetchResponseGroup fetchGroup(int version, Requests to) {
        return to.send(
                        OffsetFetchRequest.Builder.forTopicIdsOrNames(fetchData(topicId()), false),
                        version,
                        OffsetFetchResponse.class)
                .group(GROUP);
    }

    private OffsetFetchResponsePartitions fetch(int version, Requests to) {
        OffsetFetchResponseGroup group = fetchGroup(version, to);
        assertThat(Errors.forCode(group.errorCode())).isEqualTo(Errors.NONE);
        return group.topics().get(0).partitions().get(0);
    }

    private JoinGroupResponseData join() {
        JoinGroupRequestProtocolCollection protocols = new JoinGroupRequestProtocolCollection();
        byte[] metadata = ConsumerProtocol.serializeSubscription(new Subscription(List.of("flights")))
                .array();
        protocols.add(new JoinGroupRequestProtocol().setName("range").setMetadata(metadata));
        JoinGroupRequestData data = new JoinGroupRequestData()
                .setGroupId(GROUP)
                .setProtocolType("consumer")
                .setProtocols(protocols)
                .setSessionTimeoutMs(10_000)
                .setRebalanceTimeoutMs(10_000);
        JoinGroupResponse needsId = requests.send(new JoinGroupRequest.Builder(data), JoinGroupResponse.class);
        assertThat(needsId.data().errorCode()).isEqualTo(Errors.MEMBER_ID_REQUIRED.code());
        data.setMemberId(needsId.data().memberId());
        JoinGroupResponse joined = requests.send(new JoinGroupRequest.Builder(data), JoinGroupResponse.class);
        assertThat(joined.data().errorCode()).isZero();
        return joined.data();
    }

    private ConsumerGroupHeartbeatResponseData heartbeat(ConsumerGroupHeartbeatRequestData data) {
        ConsumerGroupHeartbeatResponseData answer = requests.send(
                        new ConsumerGroupHeartbeatRequest.Builder(data), ConsumerGroupHeartbeatResponse.class)
                .data();
        assertThat(Errors.forCode(answer.errorCode())).isEqualTo(Errors.NONE);
        return answer;
    }

    private List<String> listed() {
        return requests
                .send(new ListGroupsRequest.Builder(new ListGroupsRequestData()), ListGroupsResponse.class)
                .data()
                .groups()
                .stream()
                .map(group -> group.groupId())
                .toList();
    }
}
