package io.siltstone.ingest.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.siltstone.log.writer.Timers;
import io.siltstone.tiering.store.ObjectInfo;
import io.siltstone.tiering.store.ObjectStore;
import io.siltstone.tiering.store.ObjectStoreException;
import io.siltstone.tiering.store.PutResult;
import io.siltstone.tiering.store.UrlSigner;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BucketProofTest {

    private final Loop loop = new Loop();
    private final Store store = new Store();
    private final List<String> keys = new ArrayList<>();
    private final BucketProof proof = new BucketProof(
            store,
            () -> {
                keys.add("cluster/proof/" + keys.size());
                return keys.get(keys.size() - 1);
            },
            loop,
            loop);

    @Test
    void aBucketThatRefusesASecondPutIsProvenAndKeepsNothingOfIt() {
        proof.start();
        loop.run();

        proof.awaitFirstAnswer(0);
        assertThat(proof.proven()).isCompleted();
        assertThat(store.objects).isEmpty();
    }

    @Test
    void aBucketThatTakesASecondPutIsGivenUp() {
        store.overwrites = true;
        proof.start();
        loop.run();

        assertThatThrownBy(() -> proof.awaitFirstAnswer(0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("If-None-Match");
        assertThat(proof.problem()).isPresent();
        assertThat(proof.proven()).isNotDone();
        assertThat(loop.delays).isEmpty();
    }

    @Test
    void anUnreachableBucketStopsNobodyAndIsTriedAgainUnderAnotherKey() {
        store.reachable = false;
        proof.start();
        loop.run();
        proof.awaitFirstAnswer(0);
        assertThat(proof.proven()).isNotDone();
        assertThat(proof.problem()).isEmpty();

        loop.fire();
        store.reachable = true;
        loop.fire();

        assertThat(proof.proven()).isCompleted();
        assertThat(keys).hasSize(3).doesNotHaveDuplicates();
        assertThat(loop.delays).containsExactly(1_000L, 2_000L);
    }

    @Test
    void aProofThatIsClosedIsNotTriedAgain() {
        store.reachable = false;
        proof.start();
        loop.run();
        proof.close();
        loop.run();
        loop.fire();

        assertThat(keys).hasSize(1);
    }

    /** Runs what it is given when it is told to. */
    private static final class Loop implements Executor, Timers {
        private final Queue<Runnable> tasks = new ArrayDeque<>();
        private final Queue<Runnable> scheduled = new ArrayDeque<>();
        private final List<Long> delays = new ArrayList<>();

        void run() {
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                task.run();
            }
        }

        /** The time of the oldest timer has come. */
        void fire() {
            tasks.add(scheduled.remove());
            run();
        }

        @Override
        public void execute(Runnable task) {
            tasks.add(task);
        }

        @Override
        public long nowMs() {
            return 0;
        }

        @Override
        public long wallClockMs() {
            return 0;
        }

        @Override
        public Timer schedule(long delayMs, Runnable action) {
            delays.add(delayMs);
            scheduled.add(action);
            return () -> scheduled.remove(action);
        }
    }

    /** Small objects in memory. */
    private static final class Store implements ObjectStore {
        private final Map<String, byte[]> objects = new HashMap<>();
        private boolean overwrites;
        private boolean reachable = true;

        @Override
        public CompletableFuture<PutResult> putIfAbsent(String key, ByteBuf bytes) {
            if (!reachable) {
                return CompletableFuture.failedFuture(new ObjectStoreException(
                        ObjectStoreException.Kind.UNAVAILABLE, key, "connection refused", null));
            }
            boolean taken = objects.containsKey(key) && !overwrites;
            if (!taken) {
                objects.put(key, ByteBufUtil.getBytes(bytes));
            }
            return CompletableFuture.completedFuture(
                    taken ? new PutResult.AlreadyThere() : new PutResult.Created(false));
        }

        @Override
        public CompletableFuture<Void> delete(String key) {
            objects.remove(key);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public Upload upload(String key) {
            throw new UnsupportedOperationException("no large objects");
        }

        @Override
        public long uploadMemoryBytes() {
            return 0;
        }

        @Override
        public CompletableFuture<ByteBuf> read(String key, long offset, int length) {
            throw new UnsupportedOperationException("no reads");
        }

        @Override
        public CompletableFuture<ByteBuf> readWhole(String key, int maxBytes) {
            throw new UnsupportedOperationException("no reads");
        }

        @Override
        public CompletableFuture<Optional<ObjectInfo>> stat(String key) {
            throw new UnsupportedOperationException("no reads");
        }

        @Override
        public CompletableFuture<Page> list(String prefix, @Nullable String after, int limit) {
            throw new UnsupportedOperationException("no listings");
        }

        @Override
        public CompletableFuture<List<String>> folders(String prefix) {
            throw new UnsupportedOperationException("no listings");
        }

        @Override
        public Optional<UrlSigner> signer() {
            return Optional.empty();
        }

        @Override
        public boolean isLocal() {
            return false;
        }

        @Override
        public String describe() {
            return "memory";
        }

        @Override
        public void close() {}
    }
}
