package io.siltstone.ingest.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.siltstone.ingest.cluster.Await;
import io.siltstone.ingest.cluster.OwningNode;
import io.siltstone.ingest.connection.ConnectionEnd;
import io.siltstone.ingest.connection.ReadBudget;
import io.siltstone.ingest.partition.Partition;
import io.siltstone.ingest.topic.TopicIds;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;
import org.apache.kafka.server.FetchContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FetchExchangeTest {

    private static final int FOR_EVER_MS = Integer.MAX_VALUE;

    private final OwningNode node = new OwningNode();
    private final ReadBudget budget = new ReadBudget(64 << 20);
    private final ConnectionEnd end = new ConnectionEnd(() -> {});

    @AfterEach
    void stop() {
        node.close();
    }

    @Test
    void aFetchThatWantsMoreThanTheTailHoldsIsWokenByMoreRecords() {
        // given
        Partition partition = node.open("orders");
        node.append(partition, records(100)).join();
        CompletableFuture<AbstractResponse> answer = fetch(partition, 1_000);
        boolean answeredWithTooLittle = answer.isDone();

        // when
        node.append(partition, records(2_000)).join();

        // then
        FetchResponse response =
                (FetchResponse) answer.orTimeout(20, TimeUnit.SECONDS).join();
        assertThat(answeredWithTooLittle).isFalse();
        assertThat(response.data()
                        .responses()
                        .get(0)
                        .partitions()
                        .get(0)
                        .records()
                        .sizeInBytes())
                .isGreaterThan(2_100);
    }

    @Test
    void aFetchEndsWithItsConnection() {
        // given
        Partition partition = node.open("orders");
        CompletableFuture<AbstractResponse> answer = fetch(partition, 1_000);
        assertThat(answer).isNotDone();

        // when
        node.loop().submit(end::end).syncUninterruptibly();

        // then
        assertThat(answer).isCompletedExceptionally();
        assertThat(end.waiting()).isZero();
    }

    @Test
    void aConnectionHasNoMoreThanEightFetchesWaiting() {
        // given
        Partition partition = node.open("orders");
        List<CompletableFuture<AbstractResponse>> waiting = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            waiting.add(fetch(partition, 1_000));
        }

        // when
        CompletableFuture<AbstractResponse> next = fetch(partition, 1_000);

        // then
        assertThat(next.orTimeout(20, TimeUnit.SECONDS).join().errorCounts()).containsOnlyKeys(Errors.NONE);
        assertThat(waiting).noneMatch(CompletableFuture::isDone);
    }

    @Test
    void aReadOfOldDataIsChargedWithWhatItTakesAtMost() {
        // given
        Partition partition = node.open("orders");

        // when
        long taken = node.call(() -> {
            var unused = exchange(partition, 77, 48 << 20, 1).start();
            return budget.takenBytes();
        });

        // then
        assertThat(taken).isEqualTo(4 << 20);
        Await.until("what was taken is given back", () -> budget.takenBytes() == 0);
    }

    /** On one event loop with the partition, so that it has looked at the tail when this returns. */
    private CompletableFuture<AbstractResponse> fetch(Partition partition, int minBytes) {
        return node.call(() -> exchange(partition, 0, 1 << 20, minBytes).start().toCompletableFuture());
    }

    private FetchExchange exchange(Partition partition, long offset, int maxBytes, int minBytes) {
        TopicIdPartition topic =
                new TopicIdPartition(TopicIds.toKafka(partition.id().topic()), partition.name());
        FetchRequest.PartitionData asked =
                new FetchRequest.PartitionData(topic.topicId(), offset, -1, maxBytes, Optional.empty());
        FetchRequest request = FetchRequest.Builder.forConsumer(
                        ApiKeys.FETCH.latestVersion(), FOR_EVER_MS, minBytes, Map.of(partition.name(), asked))
                .build();
        return new FetchExchange(
                request,
                new FetchContext.SessionlessFetchContext(Map.of(topic, asked)),
                node.partitions(),
                node.cluster(),
                budget,
                node.loop(),
                end);
    }

    private static MemoryRecords records(int bytes) {
        return MemoryRecords.withRecords(Compression.NONE, new SimpleRecord(1_000, new byte[bytes]));
    }
}
