package io.siltstone.ingest.group;

import io.siltstone.ingest.api.ApiHandlers;
import io.siltstone.ingest.api.Request;
import io.siltstone.ingest.kafka.AuthorizedOperations;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.DeleteGroupsResponseData;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.ConsumerGroupDescribeRequest;
import org.apache.kafka.common.requests.ConsumerGroupDescribeResponse;
import org.apache.kafka.common.requests.DeleteGroupsRequest;
import org.apache.kafka.common.requests.DeleteGroupsResponse;
import org.apache.kafka.common.requests.DescribeGroupsRequest;
import org.apache.kafka.common.requests.DescribeGroupsResponse;
import org.apache.kafka.common.requests.ListGroupsRequest;
import org.apache.kafka.common.requests.ListGroupsResponse;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.utils.BufferSupplier;
import org.apache.kafka.coordinator.group.GroupCoordinator;

/** What operators ask of groups: list, describe, delete. */
final class GroupAdminHandlers {

    private final GroupCoordinator coordinator;
    private final OffsetsTopic offsetsTopic;

    GroupAdminHandlers(GroupCoordinator coordinator, OffsetsTopic offsetsTopic) {
        this.coordinator = coordinator;
        this.offsetsTopic = offsetsTopic;
    }

    void register(ApiHandlers handlers) {
        handlers.register(ApiKeys.LIST_GROUPS, this::list)
                .register(ApiKeys.DESCRIBE_GROUPS, this::describe)
                .register(ApiKeys.CONSUMER_GROUP_DESCRIBE, this::describeConsumers)
                .register(ApiKeys.DELETE_GROUPS, this::delete);
    }

    private CompletionStage<AbstractResponse> list(Request request) {
        if (offsetsTopic.image().isEmpty()) {
            return CompletableFuture.completedFuture(new ListGroupsResponse(new ListGroupsResponseData()));
        }
        ListGroupsRequest list = (ListGroupsRequest) request.body();
        return coordinator.listGroups(request.context(), list.data()).thenApply(ListGroupsResponse::new);
    }

    private CompletionStage<AbstractResponse> describe(Request request) {
        DescribeGroupsRequestData describe = ((DescribeGroupsRequest) request.body()).data();
        return coordinator.describeGroups(request.context(), describe.groups()).thenApply(groups -> {
            if (describe.includeAuthorizedOperations()) {
                int operations = AuthorizedOperations.all(ResourceType.GROUP);
                groups.stream()
                        .filter(group -> group.errorCode() == Errors.NONE.code())
                        .forEach(group -> group.setAuthorizedOperations(operations));
            }
            return new DescribeGroupsResponse(new DescribeGroupsResponseData().setGroups(groups));
        });
    }

    private CompletionStage<AbstractResponse> describeConsumers(Request request) {
        ConsumerGroupDescribeRequestData describe = ((ConsumerGroupDescribeRequest) request.body()).data();
        return coordinator
                .consumerGroupDescribe(request.context(), describe.groupIds())
                .thenApply(groups -> {
                    if (describe.includeAuthorizedOperations()) {
                        int operations = AuthorizedOperations.all(ResourceType.GROUP);
                        groups.stream()
                                .filter(group -> group.errorCode() == Errors.NONE.code())
                                .forEach(group -> group.setAuthorizedOperations(operations));
                    }
                    return new ConsumerGroupDescribeResponse(new ConsumerGroupDescribeResponseData().setGroups(groups));
                });
    }

    private CompletionStage<AbstractResponse> delete(Request request) {
        List<String> groups = ((DeleteGroupsRequest) request.body())
                .data().groupsNames().stream().distinct().toList();
        return coordinator
                .deleteGroups(request.context(), groups, BufferSupplier.NO_CACHING)
                .thenApply(results -> new DeleteGroupsResponse(new DeleteGroupsResponseData().setResults(results)));
    }
}
