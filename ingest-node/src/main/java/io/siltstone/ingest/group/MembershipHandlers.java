package io.siltstone.ingest.group;

import io.siltstone.ingest.api.ApiHandlers;
import io.siltstone.ingest.api.Request;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.ConsumerGroupHeartbeatRequest;
import org.apache.kafka.common.requests.ConsumerGroupHeartbeatResponse;
import org.apache.kafka.common.requests.HeartbeatRequest;
import org.apache.kafka.common.requests.HeartbeatResponse;
import org.apache.kafka.common.requests.JoinGroupRequest;
import org.apache.kafka.common.requests.JoinGroupResponse;
import org.apache.kafka.common.requests.LeaveGroupRequest;
import org.apache.kafka.common.requests.LeaveGroupResponse;
import org.apache.kafka.common.requests.SyncGroupRequest;
import org.apache.kafka.common.requests.SyncGroupResponse;
import org.apache.kafka.common.utils.BufferSupplier;
import org.apache.kafka.coordinator.group.GroupCoordinator;

/** What members of a group send to stay in it: the classic protocol, and the heartbeat of the consumer protocol. */
final class MembershipHandlers {

    private final GroupCoordinator coordinator;

    MembershipHandlers(GroupCoordinator coordinator) {
        this.coordinator = coordinator;
    }

    void register(ApiHandlers handlers) {
        handlers.register(ApiKeys.JOIN_GROUP, this::join)
                .register(ApiKeys.SYNC_GROUP, this::sync)
                .register(ApiKeys.HEARTBEAT, this::heartbeat)
                .register(ApiKeys.LEAVE_GROUP, this::leave)
                .register(ApiKeys.CONSUMER_GROUP_HEARTBEAT, this::consumerHeartbeat);
    }

    private CompletionStage<AbstractResponse> join(Request request) {
        JoinGroupRequest join = (JoinGroupRequest) request.body();
        return coordinator
                .joinGroup(request.context(), join.data(), BufferSupplier.NO_CACHING)
                .thenApply(data -> new JoinGroupResponse(data, join.version()));
    }

    private CompletionStage<AbstractResponse> sync(Request request) {
        SyncGroupRequest sync = (SyncGroupRequest) request.body();
        return coordinator
                .syncGroup(request.context(), sync.data(), BufferSupplier.NO_CACHING)
                .thenApply(SyncGroupResponse::new);
    }

    private CompletionStage<AbstractResponse> heartbeat(Request request) {
        HeartbeatRequest heartbeat = (HeartbeatRequest) request.body();
        return coordinator.heartbeat(request.context(), heartbeat.data()).thenApply(HeartbeatResponse::new);
    }

    private CompletionStage<AbstractResponse> leave(Request request) {
        LeaveGroupRequest leave = (LeaveGroupRequest) request.body();
        return coordinator
                .leaveGroup(request.context(), leave.normalizedData())
                .thenApply(data -> new LeaveGroupResponse(data, leave.version()));
    }

    private CompletionStage<AbstractResponse> consumerHeartbeat(Request request) {
        ConsumerGroupHeartbeatRequest heartbeat = (ConsumerGroupHeartbeatRequest) request.body();
        return coordinator
                .consumerGroupHeartbeat(request.context(), heartbeat.data())
                .thenApply(ConsumerGroupHeartbeatResponse::new);
    }
}
