package io.siltstone.metadata.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.siltstone.log.DiskId;
import io.siltstone.log.PartitionId;
import io.siltstone.log.chain.ChainStore;
import io.siltstone.log.chain.ChainStore.CasResult;
import io.siltstone.log.chain.ChainStore.ReadResult;
import io.siltstone.log.chain.Owner;
import io.siltstone.log.chain.PartitionState;
import io.siltstone.metadata.Await;
import io.siltstone.metadata.ClusterView;
import io.siltstone.metadata.IngestNodeImage;
import io.siltstone.metadata.Metadata;
import io.siltstone.metadata.MetadataException;
import io.siltstone.metadata.StorageDiskImage;
import io.siltstone.metadata.TopicImage;
import io.siltstone.metadata.zookeeper.proto.ClusterZnode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens when sessions, connections, servers and controllers come to an end. */
class ZooKeeperSessionTest {

    private static final int SESSION_TIMEOUT_MS = 3_000;

    @TempDir
    private Path directory;

    private final List<ZooKeeperMetadata> processes = new ArrayList<>();
    private EmbeddedZooKeeper server;
    private ZooKeeperMetadata one;
    private ZooKeeperMetadata two;

    @BeforeEach
    void start() {
        server = EmbeddedZooKeeper.start(directory, 0);
        one = connect(Optional.empty());
        two = connect(Optional.of(one.clusterId()));
    }

    @AfterEach
    void stop() {
        processes.forEach(Metadata::close);
        server.close();
    }

    @Test
    void refusesNodeOfAnotherCluster() {
        assertThatThrownBy(() -> connect(Optional.of("another")))
                .isInstanceOf(MetadataException.WrongCluster.class)
                .hasMessageContaining("another")
                .hasMessageContaining(one.clusterId());
    }

    @Test
    void createsNoClusterForNodeThatBelongsToOne() {
        ZooKeeperSettings elsewhere = new ZooKeeperSettings(server.connectString(), "/elsewhere", 3_000, 15_000);

        assertThatThrownBy(() -> ZooKeeperMetadata.connect(elsewhere, Optional.of(one.clusterId())))
                .isInstanceOf(MetadataException.WrongCluster.class)
                .hasMessageContaining("no cluster");
    }

    @Test
    void refusesClusterOfUnknownFormat() throws Exception {
        byte[] later = ClusterZnode.newBuilder()
                .setFormat(99)
                .setClusterId(one.clusterId())
                .build()
                .toByteArray();
        one.client().setData().forPath(ZooKeeperSettings.DEFAULT_ROOT + "/cluster", later);

        assertThatThrownBy(() -> connect(Optional.empty()))
                .isInstanceOf(MetadataException.WrongCluster.class)
                .hasMessageContaining("format 99");
    }

    @Test
    void endsIncarnationWhoseSessionExpiredAndTakesTheNext() throws Exception {
        AtomicInteger lost = new AtomicInteger();
        Await.get(one.store().registerIngestNode(node(1, 11), lost::incrementAndGet));
        Await.until("the node is seen", () -> isLive(two, new Owner(1, 11)));

        expireSession(one);

        Await.until("it learns of it", () -> lost.get() == 1);
        Await.until("all see it gone", () -> !isLive(two, new Owner(1, 11)));
        Await.get(one.store().registerIngestNode(node(1, 12), lost::incrementAndGet));
        Await.until("the next incarnation is seen", () -> isLive(two, new Owner(1, 12)));
        assertThat(lost).hasValue(1);
    }

    @Test
    void registersDiskAgainAfterItsSessionExpired() throws Exception {
        StorageDiskImage disk =
                new StorageDiskImage(new DiskId(new UUID(1, 1)), 5, "storage-1", "127.0.0.1", 7000, "", "", true, true);
        Await.get(one.store().registerStorageDisk(disk));
        List<Boolean> liveness = new CopyOnWriteArrayList<>();
        two.view()
                .subscribe(
                        change -> change.after().storageDisk(disk.disk()).ifPresent(seen -> liveness.add(seen.live())));
        Await.until("the disk is live", () -> liveness.contains(true));

        expireSession(one);

        Await.until("it went", () -> liveness.contains(false));
        Await.until(
                "it came back",
                () -> two.view().image().storageDisk(disk.disk()).orElseThrow().live());
    }

    @Test
    void reassignsPartitionsOfEvictedControllerInFractionOfTheSession() {
        Owner a = new Owner(1, 11);
        Owner b = new Owner(2, 22);
        TopicImage topic = Await.get(one.store().createTopic("topic", 50, Map.of()));
        Await.get(one.store().registerIngestNode(node(1, 11), () -> {}));
        one.runForController(a);
        Await.until("a is controller", () -> a.equals(two.view().image().controller()));
        Await.get(two.store().registerIngestNode(node(2, 22), () -> {}));
        two.runForController(b);
        Await.until("both have partitions", () -> assigned(two, topic, a) == 25 && assigned(two, topic, b) == 25);

        long start = System.nanoTime();
        Await.get(two.store().evict(a));
        Await.until("b has all", () -> assigned(two, topic, b) == 50);
        long tookMs = (System.nanoTime() - start) / 1_000_000;

        assertThat(tookMs).isLessThan(SESSION_TIMEOUT_MS / 2);
        Await.until("b is controller", () -> b.equals(two.view().image().controller()));
    }

    @Test
    void standsAgainWhenControllerWasEvictedByMistake() {
        Owner a = new Owner(1, 11);
        Owner b = new Owner(2, 22);
        one.runForController(a);
        Await.until("a is controller", () -> a.equals(two.view().image().controller()));
        two.runForController(b);
        Await.until("b stands", () -> candidates() == 2);

        Await.get(two.store().evict(a));
        Await.until("b is controller", () -> b.equals(one.view().image().controller()));
        Await.until("a stands again", () -> candidates() == 2);
        Await.get(one.store().evict(b));

        Await.until("a is controller again", () -> a.equals(two.view().image().controller()));
    }

    @Test
    void electsAnotherControllerWhenTheProcessEnds() {
        Owner a = new Owner(1, 11);
        Owner b = new Owner(2, 22);
        one.runForController(a);
        Await.until("a is controller", () -> a.equals(two.view().image().controller()));
        two.runForController(b);
        Await.until("b stands", () -> candidates() == 2);

        one.close();

        Await.until("b is controller", () -> b.equals(two.view().image().controller()));
    }

    @Test
    void saysUnknownWhileTheServerIsAwayAndCatchesUpAfter() {
        TopicImage topic = Await.get(one.store().createTopic("topic", 1, Map.of()));
        PartitionId partition = new PartitionId(topic.id(), 0);
        AtomicInteger lost = new AtomicInteger();
        Await.get(one.store().registerIngestNode(node(1, 11), lost::incrementAndGet));
        ClusterView view = two.view();
        Await.until("the topic is seen", () -> view.image().topic("topic").isPresent());

        server.close();
        assertThat(compareAndSet(one, partition)).isInstanceOf(CasResult.Unknown.class);
        assertThat(read(one, partition)).isInstanceOf(ReadResult.Unavailable.class);
        long awaySince = System.nanoTime();
        Await.until("it was away for longer than a session", () -> {
            assertThat(compareAndSet(one, partition)).isInstanceOf(CasResult.Unknown.class);
            return System.nanoTime() - awaySince > TimeUnit.MILLISECONDS.toNanos(SESSION_TIMEOUT_MS * 4 / 3);
        });
        server = EmbeddedZooKeeper.start(directory, server.port());

        Await.until("a register can be set again", () -> !(compareAndSet(one, partition) instanceof CasResult.Unknown));
        Await.get(one.store().createTopic("later", 1, Map.of()));
        Await.until(
                "the image is fresh",
                () -> view.image().topic("later").isPresent()
                        && view.image()
                                        .partition(partition)
                                        .orElseThrow()
                                        .state()
                                        .epoch()
                                == 0);
        assertThat(lost).as("a restart stops nobody").hasValue(0);
        assertThat(isLive(two, new Owner(1, 11))).isTrue();
    }

    @Test
    void publishesOneChangeAmongTenThousandPartitionsQuickly() {
        TopicImage topic = Await.get(one.store().createTopic("wide", 10_000, Map.of()));
        ClusterView view = two.view();
        Await.until(
                "all are seen",
                () -> view.image().topic("wide").isPresent()
                        && view.image().partitions().size() == 10_000);
        int changes = 200;
        AtomicInteger seen = new AtomicInteger();
        view.subscribe(change -> {
            if (change.partitions().size() < 10_000) {
                seen.addAndGet(change.partitions().size());
            }
        });
        ChainStore chains = one.chainStore(Runnable::run);

        long start = System.nanoTime();
        for (int i = 0; i < changes; i++) {
            chains.compareAndSet(
                    new PartitionId(topic.id(), i * 37),
                    0,
                    PartitionState.initial().withLogStart(1),
                    result -> assertThat(result).isEqualTo(new CasResult.Won(1)));
        }
        Await.until("all changes are seen", () -> seen.get() == changes);
        long tookMs = (System.nanoTime() - start) / 1_000_000;

        assertThat(tookMs).isLessThan(5_000);
    }

    private ZooKeeperMetadata connect(Optional<String> clusterId) {
        ZooKeeperMetadata process = ZooKeeperMetadata.connect(ZooKeeperSettings.of(server.connectString()), clusterId);
        processes.add(process);
        return process;
    }

    /** A second connection takes the session over and closes it, as if the server had ended it. */
    private void expireSession(ZooKeeperMetadata process) throws Exception {
        ZooKeeper session = process.client().getZookeeperClient().getZooKeeper();
        CompletableFuture<Void> connected = new CompletableFuture<>();
        ZooKeeper usurper = new ZooKeeper(
                server.connectString(),
                SESSION_TIMEOUT_MS,
                event -> connected.complete(null),
                session.getSessionId(),
                session.getSessionPasswd());
        Await.get(connected);
        usurper.close();
    }

    private int candidates() {
        try {
            return one.client()
                    .getChildren()
                    .forPath(ZooKeeperSettings.DEFAULT_ROOT + "/controller")
                    .size();
        } catch (Exception failure) {
            throw new AssertionError(failure);
        }
    }

    private static boolean isLive(Metadata metadata, Owner owner) {
        return metadata.view().image().isLive(owner);
    }

    private static int assigned(Metadata metadata, TopicImage topic, Owner owner) {
        int count = 0;
        for (int i = 0; i < topic.partitionCount(); i++) {
            if (metadata.view()
                    .image()
                    .partition(new PartitionId(topic.id(), i))
                    .filter(partition -> owner.equals(partition.state().assigned()))
                    .isPresent()) {
                count++;
            }
        }
        return count;
    }

    private static CasResult compareAndSet(Metadata metadata, PartitionId partition) {
        CompletableFuture<CasResult> answer = new CompletableFuture<>();
        metadata.chainStore(Runnable::run)
                .compareAndSet(partition, 0, PartitionState.initial().claimedBy(new Owner(1, 11)), answer::complete);
        return Await.get(answer);
    }

    private static ReadResult read(Metadata metadata, PartitionId partition) {
        CompletableFuture<ReadResult> answer = new CompletableFuture<>();
        metadata.chainStore(Runnable::run).read(partition, answer::complete);
        return Await.get(answer);
    }

    private static IngestNodeImage node(int node, long incarnation) {
        return new IngestNodeImage(new Owner(node, incarnation), "127.0.0.1", 9091 + node, "", "", false);
    }
}
