package io.siltstone.ingest.kafka;

import io.siltstone.ingest.group.OffsetsLog;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.coordinator.common.runtime.PartitionWriter;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.VerificationGuard;

/**
 * The group coordinator's way to its log. An append is in the log's queue when it returns, and durable once the high
 * watermark says so. Called by the coordinator's threads.
 */
final class OffsetsWriter implements PartitionWriter {

    private final OffsetsTenures tenures;
    private final Map<Listener, Registration> registrations = new ConcurrentHashMap<>();

    OffsetsWriter(OffsetsTenures tenures) {
        this.tenures = tenures;
    }

    @Override
    public void registerListener(TopicPartition partition, Listener listener) {
        OffsetsLog log = tenures.require(partition);
        Registration registration = new Registration(log, offset -> listener.onHighWatermarkUpdated(partition, offset));
        registrations.put(listener, registration);
        log.addHighWatermarkListener(registration.forward());
    }

    @Override
    public void deregisterListener(TopicPartition partition, Listener listener) {
        Registration registration = registrations.remove(listener);
        if (registration != null) {
            registration.log().removeHighWatermarkListener(registration.forward());
        }
    }

    @Override
    public LogConfig config(TopicPartition partition) {
        return tenures.require(partition).config();
    }

    @Override
    public long append(
            TopicPartition partition, VerificationGuard guard, MemoryRecords records, short transactionVersion) {
        return tenures.require(partition).append(records);
    }

    @Override
    public CompletableFuture<VerificationGuard> maybeStartTransactionVerification(
            TopicPartition partition, String transactionalId, long producerId, short producerEpoch, int apiVersion) {
        return CompletableFuture.failedFuture(
                new UnsupportedVersionException("offsets are not committed in transactions"));
    }

    @Override
    public CompletableFuture<Void> deleteRecords(TopicPartition partition, long beforeOffset) {
        return CompletableFuture.failedFuture(new UnsupportedVersionException("the group coordinator deletes nothing"));
    }

    private record Registration(OffsetsLog log, LongConsumer forward) {}
}
