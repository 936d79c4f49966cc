package io.siltstone.ingest.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.siltstone.ingest.cluster.FakeCluster;
import io.siltstone.log.PartitionId;
import io.siltstone.metadata.TopicImage;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ShortSegmentsTest {

    @Test
    void segmentsWhoseDisksLiveAreNotShort() {
        assertThat(shortSegments(1, 2)).isZero();
    }

    @Test
    void segmentsWhoseDisksAreGoneAreShort() {
        assertThat(shortSegments(0, 2)).isEqualTo(2);
    }

    private static long shortSegments(int storageNodes, int partitions) {
        FakeCluster cluster = new FakeCluster(storageNodes);
        TopicImage topic = cluster.createTopic("flights", partitions, Map.of()).join();
        return ShortSegments.count(
                cluster.image(), List.of(new PartitionId(topic.id(), 0), new PartitionId(topic.id(), 1)));
    }
}
