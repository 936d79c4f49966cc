package io.siltstone.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.siltstone.ingest.cluster.Await;
import io.siltstone.ingest.cluster.OwningNode;
import io.siltstone.log.DiskId;
import io.siltstone.log.chain.Owner;
import io.siltstone.metadata.DiskRoom;
import io.siltstone.metadata.IngestNodeImage;
import io.siltstone.metadata.Membership;
import io.siltstone.metadata.Metadata;
import io.siltstone.metadata.MetadataException;
import io.siltstone.metadata.StorageDiskImage;
import io.siltstone.metadata.memory.InMemoryCluster;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class IncarnationTest {

    private static final int NODE = 1;
    private static final long PATIENCE_MS = 20_000;
    private static final long SHORT_MS = 50;

    private final InMemoryCluster cluster = InMemoryCluster.threaded(new Random(1));
    private final Metadata metadata = cluster.join();
    private final Metadata peer = cluster.join();
    private final SlowMembership membership = new SlowMembership(metadata.store());
    private final OwningNode node = new OwningNode();
    private final Incarnation incarnation = new Incarnation(
            IngestNodeConfig.of(
                    Map.of("node.id", String.valueOf(NODE), "zookeeper.connect", "x:1", "host", "127.0.0.1"), Map.of()),
            membership,
            metadata.view(),
            metadata::runForController,
            node.partitions(),
            9092,
            "http://127.0.0.1:8080");

    @AfterEach
    void stop() {
        membership.carryOut();
        membership.answer();
        incarnation.end();
        node.close();
        metadata.close();
        peer.close();
        cluster.close();
    }

    @Test
    void registrationThatIsCarriedOutLateIsTheOneThatCounts() {
        // given
        membership.putOff();
        assertThatThrownBy(() -> incarnation.begin(SHORT_MS))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("node 1 could not register within 50 ms");
        assertThat(incarnation.problem()).contains("not registered in the cluster");

        // when
        membership.carryOut();

        // then
        Await.until("the node takes part", () -> incarnation.problem().isEmpty());
        assertThat(membership.attempts).hasSize(1);
        assertThat(shown()).isEqualTo(membership.attempts.get(0));
    }

    @Test
    void registrationThatFailedIsTriedAgainAsAnotherIncarnation() {
        membership.failNext();

        incarnation.begin(PATIENCE_MS);

        assertThat(membership.attempts).hasSize(2).doesNotHaveDuplicates();
        Await.until("the node takes part", () -> incarnation.problem().isEmpty());
        assertThat(shown()).isEqualTo(membership.attempts.get(1));
    }

    @Test
    void registrationThatIsLostBeforeItsAnswerCameIsFollowedByAnother() {
        // given
        membership.answerLater();
        assertThatThrownBy(() -> incarnation.begin(SHORT_MS)).isInstanceOf(IllegalStateException.class);
        peer.store().evict(membership.attempts.get(0)).join();
        membership.awaitLost();

        // when
        membership.answer();

        // then
        Await.until("the node takes part", () -> incarnation.problem().isEmpty());
        assertThat(membership.attempts).hasSize(2);
        assertThat(shown()).isEqualTo(membership.attempts.get(1));
    }

    @Test
    void registrationThatIsCarriedOutWhileTheNodeEndsIsTakenBack() throws InterruptedException {
        // given
        membership.putOff();
        assertThatThrownBy(() -> incarnation.begin(SHORT_MS)).isInstanceOf(IllegalStateException.class);

        // when
        Thread ending = new Thread(incarnation::end, "ending");
        ending.start();
        Await.until("the end waits for it", () -> ending.getState() == Thread.State.TIMED_WAITING);
        membership.carryOut();
        ending.join();

        // then
        assertThat(membership.attempts).hasSize(1);
        assertThat(metadata.view().image().ingestNodes()).isEmpty();
    }

    @Test
    void saysThatTheClusterShowsAnotherInItsPlace() {
        // given
        incarnation.begin(PATIENCE_MS);
        Await.until("the node takes part", () -> incarnation.problem().isEmpty());

        // when
        membership.hideLosses();
        Owner other = new Owner(NODE, 7);
        peer.store()
                .registerIngestNode(
                        new IngestNodeImage(other, "127.0.0.1", 1, "http://127.0.0.1:1", "", false), () -> {})
                .join();

        // then
        assertThat(incarnation.problem())
                .hasValueSatisfying(problem ->
                        assertThat(problem).contains("does not show this node as " + membership.attempts.get(0)));
    }

    private @Nullable Owner shown() {
        IngestNodeImage image = metadata.view().image().ingestNodes().get(NODE);
        return image == null ? null : image.owner();
    }

    /** The membership of a cluster that may be slow to carry out registrations, or to answer them. */
    private static final class SlowMembership implements Membership {

        private final Membership cluster;
        private final List<Owner> attempts = new CopyOnWriteArrayList<>();
        private final CompletableFuture<Void> lost = new CompletableFuture<>();
        private volatile CompletableFuture<Void> mayBegin = CompletableFuture.completedFuture(null);
        private volatile CompletableFuture<Void> mayAnswer = CompletableFuture.completedFuture(null);
        private volatile boolean failing;
        private volatile boolean hiding;

        SlowMembership(Membership cluster) {
            this.cluster = cluster;
        }

        /** The next registration is carried out when the test says so. */
        void putOff() {
            mayBegin = new CompletableFuture<>();
        }

        void carryOut() {
            mayBegin.complete(null);
        }

        /** The next registration is answered when the test says so. */
        void answerLater() {
            mayAnswer = new CompletableFuture<>();
        }

        void answer() {
            mayAnswer.complete(null);
        }

        void failNext() {
            failing = true;
        }

        /** Nobody is told of lost registrations any more. */
        void hideLosses() {
            hiding = true;
        }

        void awaitLost() {
            lost.orTimeout(20, TimeUnit.SECONDS).join();
        }

        @Override
        public CompletableFuture<Void> registerIngestNode(IngestNodeImage image, Runnable told) {
            attempts.add(image.owner());
            if (failing) {
                failing = false;
                return CompletableFuture.failedFuture(new MetadataException.Unavailable("as the test wants it"));
            }
            CompletableFuture<Void> answered = mayAnswer;
            return mayBegin.thenCompose(begun -> cluster.registerIngestNode(image, () -> {
                        if (!hiding) {
                            told.run();
                        }
                        lost.complete(null);
                    }))
                    .thenCompose(done -> answered);
        }

        @Override
        public CompletableFuture<Void> setDraining(Owner owner) {
            return cluster.setDraining(owner);
        }

        @Override
        public CompletableFuture<Void> unregisterIngestNode(Owner owner) {
            return cluster.unregisterIngestNode(owner);
        }

        @Override
        public CompletableFuture<Void> evict(Owner owner) {
            return cluster.evict(owner);
        }

        @Override
        public CompletableFuture<Void> registerStorageDisk(StorageDiskImage disk) {
            throw new UnsupportedOperationException("not used by an ingest node");
        }

        @Override
        public CompletableFuture<Void> setRoom(DiskId disk, boolean writable, DiskRoom room) {
            throw new UnsupportedOperationException("not used by an ingest node");
        }

        @Override
        public CompletableFuture<Void> unregisterStorageDisk(DiskId disk) {
            throw new UnsupportedOperationException("not used by an ingest node");
        }

        @Override
        public CompletableFuture<Void> forgetStorageDisk(DiskId disk) {
            throw new UnsupportedOperationException("not used by an ingest node");
        }

        @Override
        public CompletableFuture<Void> evict(DiskId disk, long incarnation) {
            throw new UnsupportedOperationException("not used by an ingest node");
        }
    }
}
