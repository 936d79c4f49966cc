package io.siltstone.ingest.group;

import io.siltstone.ingest.api.ApiHandler;
import io.siltstone.ingest.api.Request;
import io.siltstone.ingest.topic.Leadership;
import io.siltstone.log.PartitionId;
import io.siltstone.metadata.ClusterImage;
import io.siltstone.metadata.ClusterView;
import io.siltstone.metadata.TopicImage;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.FindCoordinatorResponseData.Coordinator;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.FindCoordinatorRequest;
import org.apache.kafka.common.requests.FindCoordinatorRequest.CoordinatorType;
import org.apache.kafka.common.requests.FindCoordinatorResponse;

/** Names the owner of the offsets partition that a group's state is in. Coordinators of other kinds are refused. */
final class FindCoordinatorHandler implements ApiHandler {

    private final ClusterView view;
    private final OffsetsTopic offsetsTopic;

    FindCoordinatorHandler(ClusterView view, OffsetsTopic offsetsTopic) {
        this.view = view;
        this.offsetsTopic = offsetsTopic;
    }

    @Override
    public CompletionStage<AbstractResponse> handle(Request request) {
        FindCoordinatorRequestData data = ((FindCoordinatorRequest) request.body()).data();
        if (request.header().apiVersion() < FindCoordinatorRequest.MIN_BATCHED_VERSION) {
            Coordinator found = find(data.keyType(), data.key());
            return CompletableFuture.completedFuture(
                    FindCoordinatorResponse.prepareOldResponse(Errors.forCode(found.errorCode()), node(found)));
        }
        List<Coordinator> found = data.coordinatorKeys().stream()
                .map(key -> find(data.keyType(), key))
                .toList();
        return CompletableFuture.completedFuture(
                new FindCoordinatorResponse(new FindCoordinatorResponseData().setCoordinators(found)));
    }

    private Coordinator find(byte keyType, String key) {
        if (keyType != CoordinatorType.GROUP.id()) {
            return coordinator(Errors.INVALID_REQUEST, key, Node.noNode());
        }
        Optional<TopicImage> topic = offsetsTopic.image();
        if (topic.isEmpty()) {
            offsetsTopic.create(); // it could not be when the node started
        }
        return topic.flatMap(found -> owner(found, GroupPartitions.partitionOf(key, found.partitionCount())))
                .map(owner -> coordinator(Errors.NONE, key, owner))
                .orElseGet(() -> coordinator(Errors.COORDINATOR_NOT_AVAILABLE, key, Node.noNode()));
    }

    private Optional<Node> owner(TopicImage topic, int partition) {
        ClusterImage image = view.image();
        int leader =
                Leadership.of(image, new PartitionId(topic.id(), partition), 1).leader();
        return Optional.ofNullable(image.ingestNodes().get(leader))
                .map(node -> new Node(node.node(), node.host(), node.port()));
    }

    private static Coordinator coordinator(Errors error, String key, Node node) {
        return FindCoordinatorResponse.prepareCoordinatorResponse(error, key, node);
    }

    private static Node node(Coordinator coordinator) {
        return new Node(coordinator.nodeId(), coordinator.host(), coordinator.port());
    }
}
