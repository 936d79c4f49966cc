package io.siltstone.format;

import io.siltstone.format.proto.TopicDescription;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.UUID;

/**
 * What the bucket knows of a topic besides its records. A change writes the next version under its own key; the
 * greatest version counts.
 *
 * @param deletedMs wall clock of the deletion; 0 while the topic lives
 */
public record TopicObject(
        UUID topic, String name, int partitions, Map<String, String> configs, long deletedMs, long version) {

    public TopicObject {
        configs = Map.copyOf(configs);
        if (name.isEmpty() || partitions < 1 || deletedMs < 0 || version < 0) {
            throw new IllegalArgumentException(
                    "topic '" + name + "' of " + partitions + " partitions, version " + version);
        }
    }

    public boolean isDeleted() {
        return deletedMs != 0;
    }

    public ByteBuffer encode() {
        return FramedObject.TOPIC.encode(TopicDescription.newBuilder()
                .setFormat(FramedObject.VERSION)
                .setTopicId(FramedObject.bytesOf(topic))
                .setName(name)
                .setPartitions(partitions)
                .putAllConfigs(new java.util.TreeMap<>(configs))
                .setDeletedMs(deletedMs)
                .setVersion(version)
                .build());
    }

    /**
     * Reads what {@link #encode} made.
     *
     * @throws CorruptObjectException where the bytes are not what {@link #encode} made
     */
    public static TopicObject decode(String key, ByteBuffer object) {
        TopicDescription found = FramedObject.TOPIC.decode(key, object, TopicDescription.parser());
        try {
            return new TopicObject(
                    FramedObject.uuidOf(found.getTopicId()),
                    found.getName(),
                    found.getPartitions(),
                    found.getConfigsMap(),
                    found.getDeletedMs(),
                    found.getVersion());
        } catch (IllegalArgumentException e) {
            throw new CorruptObjectException(
                    key,
                    CorruptObjectException.NO_BLOCK,
                    CorruptObjectException.NO_OFFSET,
                    String.valueOf(e.getMessage()));
        }
    }
}
