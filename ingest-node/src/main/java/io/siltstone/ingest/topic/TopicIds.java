package io.siltstone.ingest.topic;

import java.util.UUID;
import org.apache.kafka.common.Uuid;

/** A topic's id in Kafka's form and in ours; the bits are the same. */
public final class TopicIds {

    private TopicIds() {}

    public static Uuid toKafka(UUID id) {
        return new Uuid(id.getMostSignificantBits(), id.getLeastSignificantBits());
    }

    public static UUID fromKafka(Uuid id) {
        return new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits());
    }
}
