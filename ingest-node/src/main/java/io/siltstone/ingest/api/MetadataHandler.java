package io.siltstone.ingest.api;

import io.siltstone.ingest.topic.Leadership;
import io.siltstone.ingest.topic.TopicDefaults;
import io.siltstone.ingest.topic.TopicIds;
import io.siltstone.log.PartitionId;
import io.siltstone.metadata.ClusterImage;
import io.siltstone.metadata.ClusterView;
import io.siltstone.metadata.IngestNodeImage;
import io.siltstone.metadata.MetadataException;
import io.siltstone.metadata.TopicImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseBroker;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponsePartition;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.MetadataResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows the cluster as a client of Kafka wants to see it: live ingest nodes as brokers, the owner as a partition's
 * leader, and beside it as many nodes as the topic has replicas. Creates topics that are asked for where that is on.
 */
public final class MetadataHandler implements ApiHandler {

    private static final Logger LOG = LoggerFactory.getLogger(MetadataHandler.class);

    private final ClusterView view;
    private final Function<String, CompletableFuture<TopicImage>> creation;
    private final TopicDefaults defaults;
    private final boolean autoCreate;

    /**
     * @param creation creates a topic of that name with the defaults
     * @param autoCreate {@code auto.create.topics.enable}
     */
    public MetadataHandler(
            ClusterView view,
            Function<String, CompletableFuture<TopicImage>> creation,
            TopicDefaults defaults,
            boolean autoCreate) {
        this.view = view;
        this.creation = creation;
        this.defaults = defaults;
        this.autoCreate = autoCreate;
    }

    @Override
    public CompletionStage<? extends AbstractResponse> handle(Request request) {
        MetadataRequest body = (MetadataRequest) request.body();
        short version = request.header().apiVersion();
        List<CompletableFuture<?>> creations = new ArrayList<>();
        if (!body.isAllTopics() && autoCreate && body.allowAutoTopicCreation()) {
            for (MetadataRequestTopic topic : body.data().topics()) {
                String name = topic.name();
                if (name != null && view.image().topic(name).isEmpty()) {
                    create(name).ifPresent(creations::add);
                }
            }
        }
        if (creations.isEmpty()) {
            return CompletableFuture.completedFuture(answer(body, version));
        }
        return PartitionCalls.all(creations).thenApply(ignored -> answer(body, version));
    }

    private Optional<CompletableFuture<?>> create(String name) {
        try {
            Topic.validate(name);
        } catch (InvalidTopicException invalid) {
            return Optional.empty();
        }
        if (Topic.isInternal(name)) {
            // Created by those who keep something in it, with the number of partitions that they need.
            return Optional.empty();
        }
        return Optional.of(creation.apply(name).whenComplete((topic, failure) -> {
            if (failure == null) {
                LOG.info(
                        "Created topic {} with {} partitions because a client asked for it",
                        name,
                        defaults.partitions());
            } else if (!(PartitionCalls.cause(failure) instanceof MetadataException.TopicExists)) {
                LOG.warn("Cannot create topic {}: {}", name, failure.getMessage());
            }
        }));
    }

    private MetadataResponse answer(MetadataRequest body, short version) {
        ClusterImage image = view.image();
        MetadataResponseData data = new MetadataResponseData()
                .setClusterId(image.clusterId())
                .setControllerId(image.ingestNode(image.controller())
                        .map(IngestNodeImage::node)
                        .orElse(MetadataResponse.NO_CONTROLLER_ID));
        image.ingestNodes()
                .values()
                .forEach(node -> data.brokers()
                        .add(new MetadataResponseBroker()
                                .setNodeId(node.node())
                                .setHost(node.host())
                                .setPort(node.port())
                                .setRack(node.zone().isEmpty() ? null : node.zone())));
        if (body.isAllTopics()) {
            image.topics().values().forEach(topic -> data.topics().add(describe(image, topic)));
        } else {
            body.data().topics().forEach(asked -> data.topics().add(describe(image, asked)));
        }
        return new MetadataResponse(data, version);
    }

    private MetadataResponseTopic describe(ClusterImage image, MetadataRequestTopic asked) {
        Optional<TopicImage> topic = TopicLookup.find(image, asked.name(), asked.topicId());
        if (topic.isPresent()) {
            return describe(image, topic.get());
        }
        Errors error = Errors.UNKNOWN_TOPIC_OR_PARTITION;
        String name = asked.name();
        if (name == null) {
            error = Errors.UNKNOWN_TOPIC_ID;
        } else if (!isValid(name)) {
            error = Errors.INVALID_TOPIC_EXCEPTION;
        }
        return new MetadataResponseTopic()
                .setErrorCode(error.code())
                .setName(name)
                .setTopicId(name == null ? asked.topicId() : Uuid.ZERO_UUID);
    }

    private static boolean isValid(String name) {
        try {
            Topic.validate(name);
            return true;
        } catch (InvalidTopicException invalid) {
            return false;
        }
    }

    private MetadataResponseTopic describe(ClusterImage image, TopicImage topic) {
        MetadataResponseTopic data = new MetadataResponseTopic()
                .setName(topic.name())
                .setTopicId(TopicIds.toKafka(topic.id()))
                .setIsInternal(Topic.isInternal(topic.name()));
        int replicationFactor = defaults.replicationFactor(topic);
        for (int index = 0; index < topic.partitionCount(); index++) {
            data.partitions().add(describe(image, new PartitionId(topic.id(), index), replicationFactor));
        }
        return data;
    }

    private static MetadataResponsePartition describe(ClusterImage image, PartitionId id, int replicationFactor) {
        Leadership place = Leadership.of(image, id, replicationFactor);
        boolean led = place.leader() != Leadership.NO_LEADER;
        return new MetadataResponsePartition()
                .setPartitionIndex(id.partition())
                .setErrorCode(led ? Errors.NONE.code() : Errors.LEADER_NOT_AVAILABLE.code())
                .setLeaderId(place.leader())
                .setLeaderEpoch(place.epoch())
                .setReplicaNodes(place.replicas())
                .setIsrNodes(place.replicas());
    }
}
