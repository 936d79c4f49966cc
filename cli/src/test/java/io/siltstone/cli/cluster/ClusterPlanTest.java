package io.siltstone.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClusterPlanTest {
    private static final Path DIR = Path.of("/cluster");
    private static final ClusterSettings SETTINGS =
            new ClusterSettings(3, 2, 19_092, "file:///cluster/bucket", Map.of("s3.region", "here"), Map.of());

    @Test
    void namesTheNodesInTheOrderInWhichTheyStart() {
        assertThat(new ClusterPlan(DIR, SETTINGS).nodes())
                .extracting(NodeSpec::name)
                .containsExactly("zookeeper", "storage-1", "storage-2", "storage-3", "ingest-1", "ingest-2");
    }

    @Test
    void putsIngestNodesAtConsecutiveKafkaPorts() {
        assertThat(new ClusterPlan(DIR, SETTINGS).nodes())
                .filteredOn(node -> node.kind() == NodeKind.INGEST_NODE)
                .extracting(node -> node.config().get("port"))
                .containsExactly("19092", "19093");
    }

    @Test
    void givesEveryListenerItsOwnPort() {
        ClusterPlan plan = new ClusterPlan(DIR, SETTINGS);

        assertThat(plan.settings().ports().values()).doesNotHaveDuplicates().hasSize(10);
    }

    @Test
    void tellsOnlyIngestNodesHowToReachTheBucket() {
        assertThat(new ClusterPlan(DIR, SETTINGS).nodes())
                .filteredOn(node -> node.config().containsKey("s3.region"))
                .extracting(NodeSpec::kind)
                .containsOnly(NodeKind.INGEST_NODE);
    }

    @Test
    void tellsOnlyStorageNodesTheirOptions() {
        ClusterSettings settings = SETTINGS.withStorageOptions(Map.of("journal.file.bytes", "33554432"));

        assertThat(new ClusterPlan(DIR, settings).nodes())
                .filteredOn(node -> "33554432".equals(node.config().get("journal.file.bytes")))
                .extracting(NodeSpec::name)
                .containsExactly("storage-1", "storage-2", "storage-3");
    }

    @Test
    void writesCommandsWithAbsolutePathsOnly() {
        NodeFiles files = new NodeFiles(DIR, "storage-1");

        var command = NodeCommand.of(NodeKind.STORAGE_NODE, files);

        assertThat(Path.of(command.get(0))).isAbsolute();
        assertThat(command.get(command.indexOf("-cp") + 1).split(":")).allMatch(entry -> entry.startsWith("/"));
        assertThat(command)
                .endsWith("--config", "/cluster/storage-1.properties", "--pid-file", "/cluster/storage-1.pid");
    }
}
