package io.siltstone.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.siltstone.log.DiskId;
import io.siltstone.log.PartitionId;
import io.siltstone.log.chain.ChainStore;
import io.siltstone.log.chain.ChainStore.CasResult;
import io.siltstone.log.chain.ChainStore.ReadResult;
import io.siltstone.log.chain.Owner;
import io.siltstone.log.chain.PartitionState;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every adapter of the metadata ports keeps to. */
public abstract class MetadataContractTest {

    private final ExecutorService loop = Executors.newSingleThreadExecutor(task -> new Thread(task, "loop"));

    /** A process of a cluster that is empty at the start of each test. */
    protected abstract Metadata process();

    /** Another process of the same cluster. */
    protected abstract Metadata anotherProcess();

    private Metadata metadata;
    private MetadataStore store;
    private ClusterView view;
    private ChainStore chains;

    @BeforeEach
    void connect() {
        metadata = process();
        store = metadata.store();
        view = metadata.view();
        chains = metadata.chainStore(loop);
    }

    @AfterEach
    void stopLoop() {
        loop.shutdownNow();
    }

    @Test
    void showsCreatedTopicWithAllItsPartitionsInTheImage() {
        TopicImage topic = Await.get(store.createTopic("flights", 3, Map.of("retention.ms", "-1")));

        Await.until("the topic is seen", () -> view.image().topic("flights").isPresent());

        ClusterImage image = view.image();
        assertThat(image.topic("flights")).contains(topic);
        assertThat(image.topic(topic.id())).contains(topic);
        for (int i = 0; i < 3; i++) {
            PartitionImage partition =
                    image.partition(new PartitionId(topic.id(), i)).orElseThrow();
            assertThat(partition).isEqualTo(new PartitionImage(PartitionState.initial(), 0));
        }
    }

    @Test
    void refusesTopicWhoseNameIsTakenOrCollides() {
        Await.get(store.createTopic("a.b", 1, Map.of()));

        assertThatThrownBy(() -> Await.get(store.createTopic("a.b", 1, Map.of())))
                .isInstanceOf(MetadataException.TopicExists.class);
        assertThatThrownBy(() -> Await.get(store.createTopic("a_b", 1, Map.of())))
                .isInstanceOf(MetadataException.TopicExists.class);
    }

    @Test
    void refusesIllegalTopicNamesAndCounts() {
        for (String name : List.of("", ".", "..", "a b", "a/b", "x".repeat(250))) {
            assertThatThrownBy(() -> Await.get(store.createTopic(name, 1, Map.of())))
                    .isInstanceOf(MetadataException.Invalid.class);
        }
        assertThatThrownBy(() -> Await.get(store.createTopic("none", 0, Map.of())))
                .isInstanceOf(MetadataException.Invalid.class);
    }

    @Test
    void createsTopicOnceWhenManyTryAtOnce() {
        List<CompletableFuture<TopicImage>> attempts = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            attempts.add((i % 2 == 0 ? store : anotherProcess().store()).createTopic("raced", 5, Map.of()));
        }

        Set<UUID> created = new HashSet<>();
        int refused = 0;
        for (CompletableFuture<TopicImage> attempt : attempts) {
            try {
                created.add(Await.get(attempt).id());
            } catch (MetadataException.TopicExists taken) {
                refused++;
            }
        }
        assertThat(created).hasSize(1);
        assertThat(refused).isEqualTo(7);
    }

    @Test
    void growsTopicAndRefusesToShrinkIt() {
        TopicImage topic = Await.get(store.createTopic("growing", 2, Map.of()));

        TopicImage grown = Await.get(store.createPartitions(topic.id(), 5));

        assertThat(grown.partitionCount()).isEqualTo(5);
        Await.until(
                "the growth is seen",
                () -> view.image()
                        .topic("growing")
                        .filter(seen -> seen.partitionCount() == 5)
                        .isPresent());
        assertThat(view.image().partition(new PartitionId(topic.id(), 4))).isPresent();
        assertThatThrownBy(() -> Await.get(store.createPartitions(topic.id(), 5)))
                .isInstanceOf(MetadataException.Invalid.class);
        assertThatThrownBy(() -> Await.get(store.createPartitions(topic.id(), 1)))
                .isInstanceOf(MetadataException.Invalid.class);
        assertThatThrownBy(() -> Await.get(store.createPartitions(UUID.randomUUID(), 3)))
                .isInstanceOf(MetadataException.NotFound.class);
    }

    @Test
    void keepsEveryOneOfConcurrentConfigChanges() {
        TopicImage topic = Await.get(store.createTopic("configured", 1, Map.of()));
        List<CompletableFuture<TopicImage>> changes = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            String key = "key" + i;
            changes.add((i % 2 == 0 ? store : anotherProcess().store()).alterTopicConfigs(topic.id(), configs -> {
                Map<String, String> next = new java.util.HashMap<>(configs);
                next.put(key, "v");
                return next;
            }));
        }
        changes.forEach(Await::get);

        Await.until(
                "all are seen",
                () -> view.image().topic("configured").orElseThrow().configs().size() == 10);
    }

    @Test
    void deletesTopicByLeavingItsMark() {
        TopicImage topic = Await.get(store.createTopic("doomed", 2, Map.of()));
        PartitionId partition = new PartitionId(topic.id(), 0);
        assertThat(Await.get(store.readPartition(partition)))
                .isEqualTo(new PartitionReading.Found(PartitionState.initial(), 0));

        Await.get(store.deleteTopic(topic.id()));
        Await.get(store.deleteTopic(topic.id()));

        assertThat(Await.get(store.readPartition(partition))).isEqualTo(new PartitionReading.Deleted());
        assertThat(read(partition)).isEqualTo(new ReadResult.Missing());
        Await.until(
                "the deletion is seen",
                () -> view.image().topic("doomed").isEmpty()
                        && view.image().deletedTopics().containsKey(topic.id())
                        && view.image().partition(partition).isEmpty());
    }

    @Test
    void givesTopicOfOldNameAnotherId() {
        TopicImage first = Await.get(store.createTopic("again", 1, Map.of()));
        Await.get(store.deleteTopic(first.id()));

        TopicImage second = Await.get(store.createTopic("again", 2, Map.of()));

        assertThat(second.id()).isNotEqualTo(first.id());
        Await.until("the second is seen", () -> view.image().topic("again").equals(java.util.Optional.of(second)));
        assertThat(view.image().topic(first.id())).isEmpty();
    }

    @Test
    void concludesNothingAboutPartitionThatNeverWas() {
        assertThat(Await.get(store.readPartition(new PartitionId(UUID.randomUUID(), 0))))
                .isEqualTo(new PartitionReading.Absent());
    }

    @Test
    void keepsDeletionMarkUntilEveryRegisteredDiskConfirmed() {
        StorageDiskImage one = disk("storage-1");
        StorageDiskImage two = disk("storage-2");
        Await.get(store.registerStorageDisk(one));
        Await.get(store.registerStorageDisk(two));
        TopicImage topic = Await.get(store.createTopic("doomed", 1, Map.of()));
        Await.get(store.deleteTopic(topic.id()));

        Await.get(store.confirmDropped(topic.id(), one.disk()));
        Await.until(
                "the confirmation is seen",
                () -> view.image().deletedTopics().containsKey(topic.id())
                        && view.image()
                                .deletedTopics()
                                .get(topic.id())
                                .droppedBy()
                                .equals(Set.of(one.disk())));
        assertThatThrownBy(() -> Await.get(store.forgetDeletedTopic(topic.id())))
                .isInstanceOf(MetadataException.Invalid.class);
        Await.get(store.confirmDropped(topic.id(), two.disk()));
        Await.get(store.forgetDeletedTopic(topic.id()));

        Await.until("the mark is gone", () -> view.image().deletedTopics().isEmpty());
        Await.get(store.confirmDropped(topic.id(), two.disk()));
    }

    @Test
    void winsCompareAndSetOnceForEachVersion() {
        PartitionId partition = partitionOf("raced");
        PartitionState claimed = PartitionState.initial().claimedBy(new Owner(1, 7));

        CasResult first = compareAndSet(partition, 0, claimed);
        CasResult second = compareAndSet(partition, 0, PartitionState.initial().claimedBy(new Owner(2, 8)));

        assertThat(first).isEqualTo(new CasResult.Won(1));
        assertThat(second).isEqualTo(new CasResult.Lost());
        assertThat(read(partition)).isEqualTo(new ReadResult.Found(claimed, 1));
    }

    @Test
    void readsWhatAnotherProcessWonJustBefore() {
        PartitionId partition = partitionOf("shared");
        ChainStore others = anotherProcess().chainStore(loop);
        for (int version = 0; version < 20; version++) {
            PartitionState next = PartitionState.initial().withLogStart(version + 1);
            int expected = version;
            CompletableFuture<CasResult> set = new CompletableFuture<>();
            others.compareAndSet(partition, expected, next, set::complete);
            assertThat(Await.get(set)).isEqualTo(new CasResult.Won(version + 1));

            assertThat(read(partition)).isEqualTo(new ReadResult.Found(next, version + 1));
        }
    }

    @Test
    void saysMissingAndLostForPartitionThatIsNotThere() {
        PartitionId partition = new PartitionId(UUID.randomUUID(), 0);

        assertThat(read(partition)).isEqualTo(new ReadResult.Missing());
        assertThat(compareAndSet(partition, 0, PartitionState.initial())).isEqualTo(new CasResult.Lost());
    }

    @Test
    void answersOnTheCallersLoop() {
        PartitionId partition = partitionOf("threads");
        CompletableFuture<String> reader = new CompletableFuture<>();
        CompletableFuture<String> setter = new CompletableFuture<>();

        chains.read(partition, unused -> reader.complete(Thread.currentThread().getName()));
        chains.compareAndSet(
                partition,
                0,
                PartitionState.initial(),
                unused -> setter.complete(Thread.currentThread().getName()));

        assertThat(Await.get(reader)).isEqualTo("loop");
        assertThat(Await.get(setter)).isEqualTo("loop");
    }

    @Test
    void tellsSubscribersOfEveryPartitionVersionInOrder() {
        PartitionId partition = partitionOf("watched");
        List<Integer> versions = new CopyOnWriteArrayList<>();
        List<ClusterImage> images = new CopyOnWriteArrayList<>();
        ClusterView.Subscription subscription = view.subscribe(change -> {
            images.add(change.before());
            images.add(change.after());
            if (change.partitions().contains(partition)) {
                change.after().partition(partition).ifPresent(seen -> versions.add(seen.version()));
            }
        });

        for (int version = 0; version < 50; version++) {
            assertThat(compareAndSet(
                            partition, version, PartitionState.initial().withLogStart(version + 1)))
                    .isEqualTo(new CasResult.Won(version + 1));
        }

        Await.until("the last is seen", () -> versions.contains(50));
        assertThat(versions).isSorted().doesNotHaveDuplicates();
        for (int i = 2; i < images.size(); i += 2) {
            assertThat(images.get(i)).as("no gap between changes").isSameAs(images.get(i - 1));
        }
        subscription.close();
    }

    @Test
    void showsIngestNodeWhileItIsRegistered() {
        IngestNodeImage node = ingestNode(1, 77);
        AtomicInteger lost = new AtomicInteger();
        Await.get(store.registerIngestNode(node, lost::incrementAndGet));
        Await.until("the node is seen", () -> view.image().isLive(node.owner()));
        assertThat(view.image().ingestNode(node.owner())).contains(node);

        Await.get(store.setDraining(node.owner()));
        Await.until(
                "it drains",
                () -> view.image()
                        .ingestNode(node.owner())
                        .filter(IngestNodeImage::draining)
                        .isPresent());

        Await.get(store.unregisterIngestNode(node.owner()));
        Await.until("the node is gone", () -> view.image().ingestNodes().isEmpty());
        assertThat(lost).hasValue(0);
    }

    @Test
    void tellsEvictedIngestNodeOnceThatItIsLost() {
        IngestNodeImage node = ingestNode(1, 77);
        AtomicInteger lost = new AtomicInteger();
        Await.get(store.registerIngestNode(node, lost::incrementAndGet));
        Await.until("the node is seen", () -> view.image().isLive(node.owner()));

        Await.get(anotherProcess().store().evict(new Owner(1, 78)));
        Await.get(anotherProcess().store().evict(node.owner()));

        Await.until("it learns of it", () -> lost.get() > 0);
        Await.until("all see it gone", () -> view.image().ingestNodes().isEmpty());
        assertThat(lost).hasValue(1);
    }

    @Test
    void replacesEarlierIncarnationOfRestartedIngestNode() {
        IngestNodeImage before = ingestNode(1, 77);
        IngestNodeImage after = ingestNode(1, -5);
        AtomicInteger lost = new AtomicInteger();
        Await.get(store.registerIngestNode(before, lost::incrementAndGet));

        Await.get(anotherProcess().store().registerIngestNode(after, () -> {}));

        Await.until("the new one is seen", () -> view.image().isLive(after.owner()));
        Await.until("the old one learns of it", () -> lost.get() == 1);
        assertThat(view.image().isLive(before.owner())).isFalse();
    }

    @Test
    void keepsDiskRegisteredWhenItIsNotLive() {
        StorageDiskImage disk = disk("storage-1");
        Await.get(store.registerStorageDisk(disk));
        Await.until("the disk is live", () -> isLive(disk.disk()));
        assertThatThrownBy(() -> Await.get(store.forgetStorageDisk(disk.disk())))
                .isInstanceOf(MetadataException.Invalid.class);

        Await.get(store.setRoom(disk.disk(), false, new DiskRoom(7, 100)));
        Await.until(
                "it is full",
                () -> !view.image().storageDisk(disk.disk()).orElseThrow().writable());
        assertThat(view.image().storageDisk(disk.disk()).orElseThrow().room()).isEqualTo(new DiskRoom(7, 100));
        Await.get(store.unregisterStorageDisk(disk.disk()));
        Await.until("it is not live", () -> !isLive(disk.disk()));
        assertThat(view.image().storageDisk(disk.disk())).contains(disk.withLive(false));

        Await.get(store.forgetStorageDisk(disk.disk()));
        Await.until("it is forgotten", () -> view.image().storageDisks().isEmpty());
    }

    @Test
    void registersWronglyEvictedDiskAgain() {
        StorageDiskImage disk = disk("storage-1");
        Await.get(store.registerStorageDisk(disk));
        Await.until("the disk is live", () -> isLive(disk.disk()));
        List<Boolean> liveness = new CopyOnWriteArrayList<>();
        view.subscribe(change -> {
            if (change.storageDisks()) {
                liveness.add(
                        change.after().storageDisk(disk.disk()).orElseThrow().live());
            }
        });

        Await.get(anotherProcess().store().evict(disk.disk(), disk.incarnation()));

        Await.until("it went and came back", () -> liveness.contains(false) && isLive(disk.disk()));
    }

    @Test
    void givesEveryProducerIdOnce() {
        Set<Long> firsts = new HashSet<>();
        List<CompletableFuture<ProducerIdBlock>> blocks = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            blocks.add((i % 2 == 0 ? store : anotherProcess().store()).allocateProducerIds());
        }
        for (CompletableFuture<ProducerIdBlock> block : blocks) {
            assertThat(Await.get(block).size()).isEqualTo(ProducerIdBlock.SIZE);
            firsts.add(Await.get(block).first());
        }

        assertThat(firsts).hasSize(20).allMatch(first -> first % ProducerIdBlock.SIZE == 0);
    }

    @Test
    void showsDynamicConfigs() {
        Await.get(store.alterClusterConfigs(unused -> Map.of("a", "1")));
        Await.get(store.alterClusterConfigs(configs -> Map.of("a", configs.get("a") + "2")));
        Await.get(store.alterBrokerConfigs(7, unused -> Map.of("b", "3")));

        Await.until(
                "both are seen",
                () -> view.image().clusterConfigs().equals(Map.of("a", "12"))
                        && view.image().brokerConfigs().equals(Map.of(7, Map.of("b", "3"))));
    }

    @Test
    void sharesOneSecretAndOneClusterId() {
        Metadata other = anotherProcess();

        assertThat(Await.get(store.clusterSecret()))
                .hasSize(32)
                .isEqualTo(Await.get(other.store().clusterSecret()));
        assertThat(metadata.clusterId()).hasSize(22).isEqualTo(other.clusterId());
    }

    @Test
    void assignsEveryPartitionOfNewTopic() {
        IngestNodeImage one = ingestNode(1, 11);
        IngestNodeImage two = ingestNode(2, 22);
        Await.get(store.registerIngestNode(one, () -> {}));
        Await.get(anotherProcess().store().registerIngestNode(two, () -> {}));
        Metadata.Candidacy candidacy = metadata.runForController(one.owner());
        Await.until(
                "there is a controller", () -> one.owner().equals(view.image().controller()));

        TopicImage topic = Await.get(store.createTopic("spread", 6, Map.of()));

        Await.until("all are assigned evenly", () -> {
            int[] counts = new int[3];
            for (int i = 0; i < 6; i++) {
                Owner assigned = view.image()
                        .partition(new PartitionId(topic.id(), i))
                        .map(partition -> partition.state().assigned())
                        .orElse(null);
                counts[assigned == null ? 0 : assigned.node()]++;
            }
            return counts[1] == 3 && counts[2] == 3;
        });
        candidacy.close();
    }

    protected static IngestNodeImage ingestNode(int node, long incarnation) {
        return new IngestNodeImage(
                new Owner(node, incarnation), "127.0.0.1", 9091 + node, "http://127.0.0.1:8080", "zone-a", false);
    }

    protected static StorageDiskImage disk(String node) {
        return new StorageDiskImage(
                new DiskId(UUID.randomUUID()), 99, node, "127.0.0.1", 7000, "http://127.0.0.1:8081", "", true, true);
    }

    protected final ReadResult read(PartitionId partition) {
        CompletableFuture<ReadResult> answer = new CompletableFuture<>();
        chains.read(partition, answer::complete);
        return Await.get(answer);
    }

    protected final CasResult compareAndSet(PartitionId partition, int version, PartitionState next) {
        CompletableFuture<CasResult> answer = new CompletableFuture<>();
        chains.compareAndSet(partition, version, next, answer::complete);
        return Await.get(answer);
    }

    private PartitionId partitionOf(String topic) {
        return new PartitionId(Await.get(store.createTopic(topic, 1, Map.of())).id(), 0);
    }

    private boolean isLive(DiskId disk) {
        return view.image().storageDisk(disk).filter(StorageDiskImage::live).isPresent();
    }
}
