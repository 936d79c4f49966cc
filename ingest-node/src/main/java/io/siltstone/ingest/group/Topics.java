package io.siltstone.ingest.group;

import io.siltstone.ingest.topic.TopicIds;
import io.siltstone.metadata.ClusterImage;
import io.siltstone.metadata.ClusterView;
import io.siltstone.metadata.TopicImage;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.Uuid;

/** The cluster's topics as groups know them, by name and by Kafka's form of the id. Thread-safe. */
final class Topics {

    private final ClusterView view;

    Topics(ClusterView view) {
        this.view = view;
    }

    Optional<GroupTopic> byName(String name) {
        return view.image().topic(name).map(Topics::groupTopic);
    }

    Optional<GroupTopic> byId(Uuid id) {
        return view.image().topic(TopicIds.fromKafka(id)).map(Topics::groupTopic);
    }

    static List<GroupTopic> of(ClusterImage image) {
        return image.topicsById().values().stream().map(Topics::groupTopic).toList();
    }

    private static GroupTopic groupTopic(TopicImage topic) {
        return new GroupTopic(TopicIds.toKafka(topic.id()), topic.name(), topic.partitionCount());
    }
}
