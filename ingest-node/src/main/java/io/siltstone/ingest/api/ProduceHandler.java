package io.siltstone.ingest.api;

import io.netty.buffer.ByteBuf;
import io.siltstone.ingest.connection.ConnectionEnd;
import io.siltstone.ingest.partition.AppendCallback;
import io.siltstone.ingest.partition.Partition;
import io.siltstone.ingest.partition.PartitionLoop;
import io.siltstone.ingest.partition.Partitions;
import io.siltstone.ingest.quota.ProduceQuota;
import io.siltstone.ingest.topic.Leadership;
import io.siltstone.log.PartitionId;
import io.siltstone.metadata.ClusterImage;
import io.siltstone.metadata.ClusterView;
import io.siltstone.metadata.IngestNodeImage;
import io.siltstone.metadata.TopicImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.errors.InvalidRequiredAcksException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.BatchIndexAndErrorMessage;
import org.apache.kafka.common.message.ProduceResponseData.LeaderIdAndEpoch;
import org.apache.kafka.common.message.ProduceResponseData.NodeEndpoint;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.message.ProduceResponseData.TopicProduceResponse;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.ProduceResponse;
import org.apache.kafka.storage.internals.log.AppendOrigin;
import org.apache.kafka.storage.internals.log.RecordValidationException;
import org.jspecify.annotations.Nullable;

/**
 * Hands each partition's batch of a request to the partition's event loop, and answers when the fate of all of them is
 * known. acks=1 and acks=all both wait for the ack quorum; with acks=0 nobody is answered, and a failure closes the
 * connection.
 *
 * <p>A request waits for its turn while the disks fill ({@link ProduceQuota}), and its answer tells the client how long to
 * wait before the next one. Once a request has waited in vain, nothing more of its connection is appended.
 */
public final class ProduceHandler implements ApiHandler {

    /** Earlier answers have no place for the addresses of new leaders. */
    private static final short LEADER_MIN_VERSION = 10;

    private final Partitions partitions;
    private final ClusterView view;
    private final ProduceQuota quota;

    public ProduceHandler(Partitions partitions, ClusterView view, ProduceQuota quota) {
        this.partitions = partitions;
        this.view = view;
        this.quota = quota;
    }

    @Override
    public CompletionStage<? extends @Nullable AbstractResponse> handle(Request request) {
        ProduceRequest body = (ProduceRequest) request.body();
        if (body.acks() < -1 || body.acks() > 1) {
            throw new InvalidRequiredAcksException("acks is " + body.acks() + "; 0, 1 and -1 (all) are taken");
        }
        Exchange exchange = new Exchange(request, body);
        // The rest is for the way back: who is late hears so before he hangs up. With acks=0 nobody waits.
        long patienceMs = body.acks() == 0 ? Long.MAX_VALUE / 2 : body.timeout() * 9L / 10;
        quota.admit(
                bytes(body),
                exchange.arrivedMs + patienceMs,
                request.connection().eventLoop(),
                exchange);
        return exchange.done;
    }

    private static long bytes(ProduceRequest body) {
        long bytes = 0;
        for (TopicProduceData topic : body.data().topicData()) {
            for (PartitionProduceData partition : topic.partitionData()) {
                bytes += partition.records() == null ? 0 : partition.records().sizeInBytes();
            }
        }
        return bytes;
    }

    /** One batch on its way. */
    private record Piece(Partition partition, MemoryRecords records, ByteBuf bytes, PartitionProduceResponse answer) {}

    /** One request under way. The answers of its partitions are filled on their loops, each once. */
    private final class Exchange implements ProduceQuota.Turn {

        private final CompletableFuture<@Nullable AbstractResponse> done = new CompletableFuture<>();
        private final ProduceResponseData data = new ProduceResponseData();
        private final Request request;
        private final ProduceRequest body;
        private final AtomicInteger remaining = new AtomicInteger(1);
        private final AtomicInteger partitionThrottleMs = new AtomicInteger();
        private final long arrivedMs = quota.nowMs();

        Exchange(Request request, ProduceRequest body) {
            this.request = request;
            this.body = body;
        }

        @Override
        public Object sender() {
            return request.connection().end();
        }

        /** With acks=0 nobody repeats it, so it counts also when its client has sent it and left. */
        @Override
        public boolean isPointless() {
            ConnectionEnd end = request.connection().end();
            return body.acks() == 0 ? end.isGivenUp() : end.isOver();
        }

        @Override
        public void late() {
            request.connection().end().giveUp();
            done.completeExceptionally(notInTime());
        }

        private TimeoutException notInTime() {
            return new TimeoutException(
                    "this or an earlier request waited in vain: the storage disks have no room until"
                            + " the bucket has taken some of it");
        }

        @Override
        public void begin() {
            if (isPointless()) {
                late();
                return;
            }
            ClusterImage image = view.image();
            Map<PartitionLoop, List<Piece>> byLoop = new HashMap<>();
            for (TopicProduceData topic : body.data().topicData()) {
                TopicProduceResponse answers =
                        new TopicProduceResponse().setName(topic.name()).setTopicId(topic.topicId());
                data.responses().add(answers);
                for (PartitionProduceData partition : topic.partitionData()) {
                    PartitionProduceResponse answer = new PartitionProduceResponse().setIndex(partition.index());
                    answers.partitionResponses().add(answer);
                    prepare(image, topic, partition, answer, byLoop);
                }
            }
            // With acks=0 nobody's patience ends while the request waits for its turn: its time begins now.
            long deadlineMs = (body.acks() == 0 ? quota.nowMs() : arrivedMs) + body.timeout();
            byLoop.forEach((loop, pieces) -> {
                if (loop.eventLoop().inEventLoop()) {
                    append(pieces, deadlineMs);
                } else {
                    loop.eventLoop().execute(() -> append(pieces, deadlineMs));
                }
            });
            oneLess();
        }

        private void prepare(
                ClusterImage image,
                TopicProduceData topic,
                PartitionProduceData partition,
                PartitionProduceResponse answer,
                Map<PartitionLoop, List<Piece>> byLoop) {
            try {
                ProduceRequest.validateRecords(request.header().apiVersion(), partition.records());
                PartitionId id = TopicLookup.partition(image, topic.name(), topic.topicId(), partition.index());
                Partition owned = partitions
                        .find(id)
                        .orElseThrow(() -> new NotLeaderOrFollowerException("this node does not lead " + id));
                if (Topic.isInternal(owned.name().topic())) {
                    throw new InvalidTopicException(owned.name().topic() + " is written by coordinators alone");
                }
                MemoryRecords records = (MemoryRecords) partition.records();
                remaining.incrementAndGet();
                byLoop.computeIfAbsent(owned.loop(), loop -> new ArrayList<>())
                        .add(new Piece(owned, records, request.records().of(records), answer));
            } catch (RuntimeException refused) {
                fill(answer, refused);
            }
        }

        private void append(List<Piece> pieces, long deadlineMs) {
            for (Piece piece : pieces) {
                if (isPointless()) {
                    fill(piece.answer, notInTime());
                    oneLess();
                    continue;
                }
                partitionThrottleMs.accumulateAndGet(piece.partition.throttleMs(), Math::max);
                piece.partition.append(
                        piece.records,
                        piece.bytes,
                        piece.bytes.readableBytes(),
                        AppendOrigin.CLIENT,
                        deadlineMs,
                        new AppendCallback() {
                            @Override
                            public void appended(long baseOffset, long logAppendTimeMs, long logStartOffset) {
                                piece.answer
                                        .setBaseOffset(baseOffset)
                                        .setLogAppendTimeMs(logAppendTimeMs)
                                        .setLogStartOffset(logStartOffset);
                                oneLess();
                            }

                            @Override
                            public void failed(RuntimeException why) {
                                fill(piece.answer, why);
                                oneLess();
                            }

                            @Override
                            public void givenUp(RuntimeException why) {
                                request.connection().end().giveUp();
                                failed(why);
                            }

                            @Override
                            public boolean isPointless() {
                                return Exchange.this.isPointless();
                            }
                        });
            }
        }

        private void fill(PartitionProduceResponse answer, RuntimeException why) {
            Throwable cause = why instanceof RecordValidationException invalid ? invalid.invalidException() : why;
            answer.setErrorCode(Errors.forException(cause).code())
                    .setErrorMessage(cause.getMessage())
                    .setBaseOffset(ProduceResponse.INVALID_OFFSET)
                    .setLogAppendTimeMs(-1)
                    .setLogStartOffset(ProduceResponse.INVALID_OFFSET);
            if (why instanceof RecordValidationException invalid) {
                answer.setRecordErrors(invalid.recordErrors().stream()
                        .map(error -> new BatchIndexAndErrorMessage()
                                .setBatchIndex(error.batchIndex)
                                .setBatchIndexErrorMessage(error.message))
                        .toList());
            }
        }

        private void oneLess() {
            if (remaining.decrementAndGet() == 0) {
                finish();
            }
        }

        private void finish() {
            for (TopicProduceResponse topic : data.responses()) {
                for (PartitionProduceResponse answer : topic.partitionResponses()) {
                    if (body.acks() == 0 && answer.errorCode() != Errors.NONE.code()) {
                        done.completeExceptionally(
                                Errors.forCode(answer.errorCode()).exception(answer.errorMessage()));
                        return;
                    }
                }
            }
            if (body.version() >= LEADER_MIN_VERSION) {
                nameLeaders();
            }
            data.setThrottleTimeMs(Math.max(quota.throttleMs(), partitionThrottleMs.get()));
            done.complete(body.acks() == 0 ? null : new ProduceResponse(data));
        }

        private void nameLeaders() {
            for (TopicProduceResponse topic : data.responses()) {
                for (PartitionProduceResponse answer : topic.partitionResponses()) {
                    if (answer.errorCode() == Errors.NOT_LEADER_OR_FOLLOWER.code()) {
                        nameLeader(topic, answer);
                    }
                }
            }
        }

        /** Spares the client a look at the metadata. */
        private void nameLeader(TopicProduceResponse topic, PartitionProduceResponse answer) {
            ClusterImage newest = view.image();
            Optional<TopicImage> image = TopicLookup.find(newest, topic.name(), topic.topicId());
            image.flatMap(found -> newest.partition(new PartitionId(found.id(), answer.index())))
                    .ifPresent(seen -> Leadership.leader(newest, seen.state()).ifPresent(leader -> {
                        answer.setCurrentLeader(new LeaderIdAndEpoch()
                                .setLeaderId(leader.node())
                                .setLeaderEpoch(seen.state().epoch()));
                        addEndpoint(leader);
                    }));
        }

        private void addEndpoint(IngestNodeImage leader) {
            if (data.nodeEndpoints().find(leader.node()) == null) {
                data.nodeEndpoints()
                        .add(new NodeEndpoint()
                                .setNodeId(leader.node())
                                .setHost(leader.host())
                                .setPort(leader.port())
                                .setRack(leader.zone().isEmpty() ? null : leader.zone()));
            }
        }
    }
}
