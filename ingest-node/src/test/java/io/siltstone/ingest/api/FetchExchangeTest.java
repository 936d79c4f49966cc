package io.siltstone.ingest.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.siltstone.ingest.cluster.OwningNode;
import io.siltstone.ingest.connection.ReadBudget;
import io.siltstone.ingest.partition.Partition;
import io.siltstone.ingest.topic.TopicIds;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.protocol.ApiKeys;
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

    /** On one event loop with the partition, so that it has looked at the tail when this returns. */
    private CompletableFuture<AbstractResponse> fetch(Partition partition, int minBytes) {
        TopicIdPartition topic =
                new TopicIdPartition(TopicIds.toKafka(partition.id().topic()), partition.name());
        FetchRequest.PartitionData asked =
                new FetchRequest.PartitionData(topic.topicId(), 0, -1, 1 << 20, Optional.empty());
        FetchRequest request = FetchRequest.Builder.forConsumer(
                        ApiKeys.FETCH.latestVersion(), FOR_EVER_MS, minBytes, Map.of(partition.name(), asked))
                .build();
        return node.call(() -> new FetchExchange(
                        request,
                        new FetchContext.SessionlessFetchContext(Map.of(topic, asked)),
                        node.partitions(),
                        node.cluster(),
                        new ReadBudget(1 << 20),
                        node.loop())
                .start()
                .toCompletableFuture());
    }

    private static MemoryRecords records(int bytes) {
        return MemoryRecords.withRecords(Compression.NONE, new SimpleRecord(1_000, new byte[bytes]));
    }
}
