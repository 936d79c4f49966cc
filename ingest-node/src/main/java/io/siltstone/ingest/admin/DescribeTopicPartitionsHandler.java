package io.siltstone.ingest.admin;

import io.siltstone.ingest.api.ApiHandler;
import io.siltstone.ingest.api.Request;
import io.siltstone.ingest.kafka.AuthorizedOperations;
import io.siltstone.ingest.topic.Leadership;
import io.siltstone.ingest.topic.TopicDefaults;
import io.siltstone.ingest.topic.TopicIds;
import io.siltstone.log.PartitionId;
import io.siltstone.metadata.ClusterImage;
import io.siltstone.metadata.ClusterView;
import io.siltstone.metadata.TopicImage;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.Cursor;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponsePartition;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponseTopic;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.DescribeTopicPartitionsRequest;
import org.apache.kafka.common.requests.DescribeTopicPartitionsResponse;
import org.apache.kafka.common.resource.ResourceType;

/** Tells topics and their partitions in order of name, a page of bounded size at a time. */
final class DescribeTopicPartitionsHandler implements ApiHandler {

    private static final int MAX_PARTITIONS = 2_000;

    private final ClusterView view;
    private final TopicDefaults defaults;

    DescribeTopicPartitionsHandler(ClusterView view, TopicDefaults defaults) {
        this.view = view;
        this.defaults = defaults;
    }

    @Override
    public CompletionStage<AbstractResponse> handle(Request request) {
        DescribeTopicPartitionsRequestData data = ((DescribeTopicPartitionsRequest) request.body()).data();
        if (data.cursor() != null && data.cursor().partitionIndex() < 0) {
            return CompletableFuture.failedFuture(new InvalidRequestException(
                    "The cursor names partition " + data.cursor().partitionIndex() + "."));
        }
        ClusterImage image = view.image();
        SortedSet<String> names = new TreeSet<>();
        data.topics().forEach(topic -> names.add(topic.name()));
        if (names.isEmpty()) {
            names.addAll(image.topics().keySet());
        }
        int first = 0;
        if (data.cursor() != null) {
            names.headSet(data.cursor().topicName()).clear();
            first = names.contains(data.cursor().topicName()) ? data.cursor().partitionIndex() : 0;
        }
        int limit = Math.max(1, Math.min(MAX_PARTITIONS, data.responsePartitionLimit()));
        return CompletableFuture.completedFuture(new DescribeTopicPartitionsResponse(page(image, names, first, limit)));
    }

    private DescribeTopicPartitionsResponseData page(
            ClusterImage image, SortedSet<String> names, int first, int limit) {
        DescribeTopicPartitionsResponseData response = new DescribeTopicPartitionsResponseData();
        int left = limit;
        int from = first;
        for (String name : names) {
            Optional<TopicImage> topic = image.topic(name);
            if (topic.isEmpty()) {
                response.topics().add(unknown(name));
            } else if (left == 0) {
                return response.setNextCursor(cursor(name, from));
            } else {
                int count = topic.get().partitionCount();
                int to = Math.min(count, from + left);
                response.topics().add(describe(image, topic.get(), from, to));
                if (to < count) {
                    return response.setNextCursor(cursor(name, to));
                }
                left -= Math.max(0, to - from);
            }
            from = 0;
        }
        return response;
    }

    private static Cursor cursor(String topic, int partition) {
        return new Cursor().setTopicName(topic).setPartitionIndex(partition);
    }

    private DescribeTopicPartitionsResponseTopic describe(ClusterImage image, TopicImage topic, int from, int to) {
        int replicationFactor = defaults.replicationFactor(topic);
        DescribeTopicPartitionsResponseTopic told = new DescribeTopicPartitionsResponseTopic()
                .setName(topic.name())
                .setTopicId(TopicIds.toKafka(topic.id()))
                .setIsInternal(Topic.isInternal(topic.name()))
                .setTopicAuthorizedOperations(AuthorizedOperations.all(ResourceType.TOPIC));
        for (int partition = from; partition < to; partition++) {
            Leadership place = Leadership.of(image, new PartitionId(topic.id(), partition), replicationFactor);
            told.partitions().add(describe(partition, place));
        }
        return told;
    }

    private static DescribeTopicPartitionsResponsePartition describe(int partition, Leadership place) {
        Errors error = place.leader() == Leadership.NO_LEADER ? Errors.LEADER_NOT_AVAILABLE : Errors.NONE;
        return new DescribeTopicPartitionsResponsePartition()
                .setErrorCode(error.code())
                .setPartitionIndex(partition)
                .setLeaderId(place.leader())
                .setLeaderEpoch(place.epoch())
                .setReplicaNodes(place.replicas())
                .setIsrNodes(place.replicas())
                .setEligibleLeaderReplicas(List.of())
                .setLastKnownElr(List.of())
                .setOfflineReplicas(List.of());
    }

    private static DescribeTopicPartitionsResponseTopic unknown(String name) {
        Errors error = Topic.isValid(name) ? Errors.UNKNOWN_TOPIC_OR_PARTITION : Errors.INVALID_TOPIC_EXCEPTION;
        return new DescribeTopicPartitionsResponseTopic().setName(name).setErrorCode(error.code());
    }
}
