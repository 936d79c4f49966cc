package io.siltstone.ingest.api;

import io.siltstone.metadata.ClusterImage;
import io.siltstone.metadata.ClusterView;
import io.siltstone.metadata.IngestNodeImage;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.errors.UnsupportedEndpointTypeException;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.DescribeClusterResponseData.DescribeClusterBroker;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.DescribeClusterRequest;
import org.apache.kafka.common.requests.DescribeClusterResponse;
import org.apache.kafka.common.requests.MetadataResponse;

/** Names the cluster, its live ingest nodes and its controller. */
public final class DescribeClusterHandler implements ApiHandler {

    private static final byte BROKERS = 1;

    private final ClusterView view;

    public DescribeClusterHandler(ClusterView view) {
        this.view = view;
    }

    @Override
    public CompletionStage<? extends AbstractResponse> handle(Request request) {
        DescribeClusterRequest body = (DescribeClusterRequest) request.body();
        if (body.data().endpointType() != BROKERS) {
            return CompletableFuture.failedFuture(
                    new UnsupportedEndpointTypeException("this cluster has no controllers of their own to describe"));
        }
        ClusterImage image = view.image();
        DescribeClusterResponseData data = new DescribeClusterResponseData()
                .setClusterId(image.clusterId())
                .setEndpointType(BROKERS)
                .setControllerId(image.ingestNode(image.controller())
                        .map(IngestNodeImage::node)
                        .orElse(MetadataResponse.NO_CONTROLLER_ID));
        image.ingestNodes()
                .values()
                .forEach(node -> data.brokers()
                        .add(new DescribeClusterBroker()
                                .setBrokerId(node.node())
                                .setHost(node.host())
                                .setPort(node.port())
                                .setRack(node.zone().isEmpty() ? null : node.zone())));
        return CompletableFuture.completedFuture(new DescribeClusterResponse(data));
    }
}
