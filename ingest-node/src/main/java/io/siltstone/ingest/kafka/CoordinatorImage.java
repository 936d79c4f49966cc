package io.siltstone.ingest.kafka;

import io.siltstone.ingest.group.GroupTopic;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.metadata.PartitionRecord;
import org.apache.kafka.common.metadata.RemoveTopicRecord;
import org.apache.kafka.common.metadata.TopicRecord;
import org.apache.kafka.image.MetadataDelta;
import org.apache.kafka.image.MetadataImage;
import org.apache.kafka.image.MetadataProvenance;

/**
 * Our topics as the KRaft image that the group coordinator wants, kept by replaying what changed. It holds names, ids
 * and partition counts alone: owners come and go without touching an assignment. Confined to its caller's thread.
 */
final class CoordinatorImage {

    /** A change, and the image that it leads to. */
    record Update(MetadataDelta delta, MetadataImage image) {}

    private final Map<Uuid, GroupTopic> known = new HashMap<>();
    private MetadataImage image = MetadataImage.EMPTY;
    private long version;

    /** Returns what leads from the last topics to these; nothing if they are the same. */
    Optional<Update> update(Collection<GroupTopic> topics) {
        Map<Uuid, GroupTopic> next = new HashMap<>();
        topics.forEach(topic -> next.put(topic.id(), topic));
        if (next.equals(known)) {
            return Optional.empty();
        }
        MetadataDelta delta = new MetadataDelta.Builder().setImage(image).build();
        known.keySet().stream()
                .filter(id -> !next.containsKey(id))
                .forEach(id -> delta.replay(new RemoveTopicRecord().setTopicId(id)));
        next.values().forEach(topic -> replay(delta, topic));
        known.clear();
        known.putAll(next);
        version++;
        image = delta.apply(new MetadataProvenance(version, 0, 0, true));
        return Optional.of(new Update(delta, image));
    }

    private void replay(MetadataDelta delta, GroupTopic topic) {
        GroupTopic before = known.get(topic.id());
        if (before == null) {
            delta.replay(new TopicRecord().setTopicId(topic.id()).setName(topic.name()));
        }
        for (int partition = before == null ? 0 : before.partitions(); partition < topic.partitions(); partition++) {
            delta.replay(new PartitionRecord().setTopicId(topic.id()).setPartitionId(partition));
        }
    }
}
