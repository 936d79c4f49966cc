package io.siltstone.ingest.kafka;

import io.siltstone.ingest.group.OffsetsLog;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;

/**
 * Which tenure of each offsets partition the coordinator works on. A tenure counts only once the coordinator loads it:
 * state that was loaded from an earlier one must never be written behind what another owner appended in between.
 * Thread-safe.
 */
final class OffsetsTenures {

    private final ConcurrentHashMap<Integer, OffsetsLog> opened = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Integer, OffsetsLog> loaded = new ConcurrentHashMap<>();

    void open(OffsetsLog log) {
        opened.put(log.partition(), log);
    }

    void close(OffsetsLog log) {
        opened.remove(log.partition(), log);
        loaded.remove(log.partition(), log);
    }

    /** The coordinator is about to load the newest tenure. */
    OffsetsLog load(TopicPartition partition) {
        OffsetsLog log = opened.get(partition.partition());
        if (log == null) {
            throw new NotLeaderOrFollowerException("this node does not own " + partition);
        }
        loaded.put(partition.partition(), log);
        return log;
    }

    /** The tenure that the coordinator's state was loaded from. */
    Optional<OffsetsLog> loaded(int partition) {
        return Optional.ofNullable(loaded.get(partition));
    }

    OffsetsLog require(TopicPartition partition) {
        return loaded(partition.partition())
                .orElseThrow(() -> new NotLeaderOrFollowerException("this node does not own " + partition));
    }
}
