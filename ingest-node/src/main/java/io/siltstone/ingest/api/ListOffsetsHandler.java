package io.siltstone.ingest.api;

import io.siltstone.ingest.partition.OffsetLookup;
import io.siltstone.ingest.partition.Partition;
import io.siltstone.ingest.partition.Partitions;
import io.siltstone.ingest.partition.TieredReads.OffsetAndTime;
import io.siltstone.metadata.ClusterView;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.FencedLeaderEpochException;
import org.apache.kafka.common.errors.UnknownLeaderEpochException;
import org.apache.kafka.common.errors.UnsupportedForMessageFormatException;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsPartitionResponse;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsTopicResponse;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.ListOffsetsRequest;
import org.apache.kafka.common.requests.ListOffsetsResponse;
import org.jspecify.annotations.Nullable;

/** Finds offsets: the ends of the log, of its tiers, and by time. */
public final class ListOffsetsHandler implements ApiHandler {

    /** Earlier answers have no place for a leader epoch. */
    private static final short EPOCH_MIN_VERSION = 4;

    private static final CompletableFuture<OffsetAndTime> NOWHERE = CompletableFuture.completedFuture(
            new OffsetAndTime(ListOffsetsResponse.UNKNOWN_OFFSET, ListOffsetsResponse.UNKNOWN_TIMESTAMP));

    private final PartitionCalls calls;

    public ListOffsetsHandler(Partitions partitions, ClusterView view) {
        this.calls = new PartitionCalls(partitions, view);
    }

    @Override
    public CompletionStage<? extends AbstractResponse> handle(Request request) {
        ListOffsetsRequest body = (ListOffsetsRequest) request.body();
        ListOffsetsResponseData data = new ListOffsetsResponseData();
        List<CompletableFuture<?>> pending = new ArrayList<>();
        for (ListOffsetsTopic topic : body.topics()) {
            ListOffsetsTopicResponse answers = new ListOffsetsTopicResponse().setName(topic.name());
            data.topics().add(answers);
            for (ListOffsetsPartition asked : topic.partitions()) {
                ListOffsetsPartitionResponse answer = new ListOffsetsPartitionResponse()
                        .setPartitionIndex(asked.partitionIndex())
                        .setOffset(ListOffsetsResponse.UNKNOWN_OFFSET)
                        .setTimestamp(ListOffsetsResponse.UNKNOWN_TIMESTAMP);
                answers.partitions().add(answer);
                pending.add(calls.call(
                                topic.name(),
                                Uuid.ZERO_UUID,
                                asked.partitionIndex(),
                                found -> find(found, asked, answer))
                        .whenComplete((place, failure) -> fill(answer, place, failure)));
            }
        }
        return PartitionCalls.all(pending).thenApply(ignored -> {
            if (body.version() < EPOCH_MIN_VERSION) {
                data.topics()
                        .forEach(topic -> topic.partitions()
                                .forEach(answer -> answer.setLeaderEpoch(ListOffsetsResponse.UNKNOWN_EPOCH)));
            }
            return new ListOffsetsResponse(data);
        });
    }

    private static CompletableFuture<OffsetAndTime> find(
            Partition partition, ListOffsetsPartition asked, ListOffsetsPartitionResponse answer) {
        requireEpoch(partition, asked.currentLeaderEpoch());
        OffsetLookup lookup = new OffsetLookup(partition);
        answer.setLeaderEpoch(partition.epoch());
        long timestamp = asked.timestamp();
        if (timestamp == ListOffsetsRequest.LATEST_TIMESTAMP) {
            return lookup.latest().thenApply(ListOffsetsHandler::timeless);
        }
        if (timestamp == ListOffsetsRequest.EARLIEST_TIMESTAMP) {
            return CompletableFuture.completedFuture(timeless(partition.logStartOffset()));
        }
        if (timestamp == ListOffsetsRequest.EARLIEST_LOCAL_TIMESTAMP) {
            return CompletableFuture.completedFuture(timeless(lookup.earliestLocal()));
        }
        if (timestamp == ListOffsetsRequest.LATEST_TIERED_TIMESTAMP) {
            return CompletableFuture.completedFuture(timeless(lookup.latestTiered()));
        }
        if (timestamp == ListOffsetsRequest.EARLIEST_PENDING_UPLOAD_TIMESTAMP) {
            return CompletableFuture.completedFuture(
                    timeless(Math.max(partition.logStartOffset(), lookup.latestTiered() + 1)));
        }
        if (timestamp == ListOffsetsRequest.MAX_TIMESTAMP) {
            return lookup.greatest().thenCompose(ListOffsetsHandler::orNowhere);
        }
        if (timestamp < 0) {
            throw new UnsupportedForMessageFormatException("there is no offset for the timestamp " + timestamp);
        }
        return lookup.firstAtOrAfter(timestamp).thenCompose(ListOffsetsHandler::orNowhere);
    }

    private static CompletableFuture<OffsetAndTime> orNowhere(@Nullable OffsetAndTime found) {
        return found == null ? NOWHERE : CompletableFuture.completedFuture(found);
    }

    private static OffsetAndTime timeless(long offset) {
        return new OffsetAndTime(offset, ListOffsetsResponse.UNKNOWN_TIMESTAMP);
    }

    static void requireEpoch(Partition partition, int known) {
        if (known == RecordBatch.NO_PARTITION_LEADER_EPOCH || known == partition.epoch()) {
            return;
        }
        String message =
                "the request knows epoch " + known + " of " + partition.name() + ", it is " + partition.epoch();
        throw known < partition.epoch()
                ? new FencedLeaderEpochException(message)
                : new UnknownLeaderEpochException(message);
    }

    private static void fill(
            ListOffsetsPartitionResponse answer, @Nullable OffsetAndTime place, @Nullable Throwable failure) {
        if (failure != null || place == null) {
            answer.setErrorCode(Errors.forException(
                            failure == null ? new IllegalStateException("no answer") : PartitionCalls.cause(failure))
                    .code());
            answer.setLeaderEpoch(ListOffsetsResponse.UNKNOWN_EPOCH);
        } else {
            answer.setOffset(place.offset()).setTimestamp(place.timestampMs());
        }
    }
}
