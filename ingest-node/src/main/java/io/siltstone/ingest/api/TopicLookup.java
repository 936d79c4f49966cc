package io.siltstone.ingest.api;

import io.siltstone.ingest.topic.TopicIds;
import io.siltstone.log.PartitionId;
import io.siltstone.metadata.ClusterImage;
import io.siltstone.metadata.TopicImage;
import java.util.AbstractMap;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.UnknownTopicIdException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/** Topics of an image as requests name them: by name up to some version, by id from it on. */
final class TopicLookup {

    private TopicLookup() {}

    /**
     * The partition's id.
     *
     * @param topicId zero where the request names the topic
     * @throws UnknownTopicIdException or {@link UnknownTopicOrPartitionException}
     */
    static PartitionId partition(ClusterImage image, @Nullable String name, Uuid topicId, int index) {
        TopicImage topic = topic(image, name, topicId);
        if (index < 0 || index >= topic.partitionCount()) {
            throw new UnknownTopicOrPartitionException(
                    topic.name() + " has " + topic.partitionCount() + " partitions, not one numbered " + index);
        }
        return new PartitionId(topic.id(), index);
    }

    static Optional<TopicImage> find(ClusterImage image, @Nullable String name, Uuid topicId) {
        if (!topicId.equals(Uuid.ZERO_UUID)) {
            return image.topic(TopicIds.fromKafka(topicId));
        }
        return name == null ? Optional.empty() : image.topic(name);
    }

    static TopicImage topic(ClusterImage image, @Nullable String name, Uuid topicId) {
        return find(image, name, topicId)
                .orElseThrow(() -> topicId.equals(Uuid.ZERO_UUID)
                        ? new UnknownTopicOrPartitionException("there is no topic '" + name + "'")
                        : new UnknownTopicIdException("there is no topic with the id " + topicId));
    }

    /** Names by id, looked up as they are asked for. */
    static final class NamesById extends AbstractMap<Uuid, String> {

        private final ClusterImage image;

        NamesById(ClusterImage image) {
            this.image = image;
        }

        @Override
        public @Nullable String get(@Nullable Object key) {
            return key instanceof Uuid id
                    ? image.topic(TopicIds.fromKafka(id)).map(TopicImage::name).orElse(null)
                    : null;
        }

        @Override
        public boolean containsKey(@Nullable Object key) {
            return get(key) != null;
        }

        @Override
        public Set<Entry<Uuid, String>> entrySet() {
            throw new UnsupportedOperationException("names are looked up by id, not listed");
        }
    }
}
