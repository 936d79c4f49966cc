package io.siltstone.tiering.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.siltstone.format.manifest.ManifestRange;
import io.siltstone.format.segment.FinishedObject;
import io.siltstone.format.segment.SegmentObjectReader;
import io.siltstone.format.segment.SegmentObjectWriter;
import io.siltstone.format.segment.SegmentSource;
import io.siltstone.format.segment.SegmentTrailer;
import io.siltstone.tiering.store.ObjectInfo;
import io.siltstone.tiering.store.ObjectReader;
import io.siltstone.tiering.store.ObjectStoreException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;

class ChunkCacheTest {

    private static final int CHUNKS = 40;

    private final ByteBuf bytes = Unpooled.buffer();
    private final ChunkedObject object = object();
    private final int chunkBytes = object.chunks().get(0).length();
    private final Store store = new Store();

    @Test
    void givesAChunkToAllWhoAskedAndKeepsIt() {
        ChunkCache cache = cache(4, true);
        CompletableFuture<ByteBuf> one = get(cache, 0);
        CompletableFuture<ByteBuf> other = get(cache, 0);
        store.answerAll();
        ByteBuf found = one.join();
        assertThat(other.join()).isSameAs(found);
        assertThat(get(cache, 0).join()).isSameAs(found);
        assertThat(store.reads).isEqualTo(1);

        found.release(3);
        cache.close();
        assertThat(store.unreleased()).isZero();
    }

    @Test
    void whatIsHeldOutlivesItsEviction() {
        ChunkCache cache = cache(2, true);
        CompletableFuture<ByteBuf> held = get(cache, 0);
        store.answerAll();
        readSome(cache, 1, 2, 3);
        assertThat(held.join().refCnt()).isEqualTo(1);

        held.join().release();
        cache.close();
        assertThat(store.unreleased()).isZero();
    }

    @Test
    void keepsWhatWasAskedForLast() {
        ChunkCache cache = cache(3, true);
        readSome(cache, 0, 1, 2, 0, 3);
        assertThat(store.reads).isEqualTo(4);
        readSome(cache, 2, 0);
        assertThat(store.reads).isEqualTo(4);
        readSome(cache, 1);
        assertThat(store.reads).isEqualTo(5);
    }

    @Test
    void letsGoFirstOfWhatWasReadToItsEnd() {
        ChunkCache cache = cache(3, true);
        readSome(cache, 0);
        readWhole(cache, 1, 2);
        readSome(cache, 3, 4, 0);
        assertThat(store.reads).isEqualTo(5);
    }

    @Test
    void keepsNothingThatWasReadWhereThatIsAskedFor() {
        ChunkCache cache = cache(4, false);
        readWhole(cache, 0, 1, 2);
        assertThat(store.unreleased()).isZero();
    }

    @Test
    void whatIsReadAfterTheCloseIsReleased() {
        ChunkCache cache = cache(8, true);
        CompletableFuture<ByteBuf> waiting = get(cache, 0);
        cache.prefetch(object, chunk(1));
        cache.close();
        store.answerAll();
        waiting.join().release();
        assertThat(store.unreleased()).isZero();
    }

    @Test
    void readsPastTheBoundWaitTheirTurn() {
        ChunkCache cache = cache(2, true);
        List<CompletableFuture<ByteBuf>> asked = List.of(get(cache, 0), get(cache, 1), get(cache, 2));
        assertThat(store.waiting).hasSize(2);
        store.answerAll();
        asked.forEach(each -> each.join().release());
        cache.close();
        assertThat(store.unreleased()).isZero();
    }

    @Test
    void tellsEveryWaiterOfAFailureAndAsksAgainLater() {
        ChunkCache cache = cache(4, true);
        cache.prefetch(object, chunk(0));
        CompletableFuture<ByteBuf> asked = get(cache, 0);
        store.waiting
                .remove(0)
                .completeExceptionally(
                        new ObjectStoreException(ObjectStoreException.Kind.UNAVAILABLE, object.key(), "away", null));
        assertThatThrownBy(asked::join).hasRootCauseInstanceOf(ObjectStoreException.class);

        readWhole(cache, 0);
        assertThat(store.reads).isEqualTo(2);
    }

    @Test
    void whatWasReadAheadIsReadOnceHoweverManyReadInTurn() {
        int readers = 12;
        int chunksEach = CHUNKS / readers;
        ChunkCache cache = cache(16, true);
        for (int round = 0; round < chunksEach; round++) {
            for (int slice = 0; slice < 4; slice++) {
                for (int reader = 0; reader < readers; reader++) {
                    int chunk = reader * chunksEach + round;
                    CompletableFuture<ByteBuf> found = get(cache, chunk);
                    for (int next = chunk + 1;
                            slice == 0 && next <= chunk + 2 && next < (reader + 1) * chunksEach;
                            next++) {
                        cache.prefetch(object, chunk(next));
                    }
                    store.answerAll();
                    found.join().release();
                    if (slice == 3) {
                        cache.readToEnd(object, chunk(chunk));
                    }
                }
            }
        }
        assertThat(store.reads).isEqualTo(readers * chunksEach);
        cache.close();
        assertThat(store.unreleased()).isZero();
    }

    /** A cache that keeps so many chunks, and lets as many be read at a time. */
    private ChunkCache cache(int chunks, boolean keepsRead) {
        return new ChunkCache(store, 2L * chunks * chunkBytes, keepsRead);
    }

    private ChunkedObject.Chunk chunk(int number) {
        return object.chunks().get(number);
    }

    private CompletableFuture<ByteBuf> get(ChunkCache cache, int number) {
        return cache.get(object, chunk(number));
    }

    private void readSome(ChunkCache cache, int... numbers) {
        for (int number : numbers) {
            CompletableFuture<ByteBuf> found = get(cache, number);
            store.answerAll();
            found.join().release();
        }
    }

    private void readWhole(ChunkCache cache, int... numbers) {
        for (int number : numbers) {
            readSome(cache, number);
            cache.readToEnd(object, chunk(number));
        }
    }

    /** An object of one batch per block and one block per chunk, all of one size. */
    private ChunkedObject object() {
        SegmentObjectWriter writer = new SegmentObjectWriter(new SegmentSource("topic", new UUID(1, 2), 0, 0, 0, 0), 1);
        bytes.writeBytes(writer.begin());
        for (int i = 0; i < CHUNKS; i++) {
            MemoryRecords batch =
                    MemoryRecords.withRecords((long) i, Compression.NONE, 0, new SimpleRecord(0, new byte[100]));
            bytes.writeBytes(writer.append(batch.buffer()));
        }
        FinishedObject finished =
                writer.finish(new SegmentTrailer(CHUNKS, CHUNKS - 1, List.of(), ByteBuffer.allocate(0)));
        ManifestRange range = finished.toRange("object");
        return new ChunkedObject(range, SegmentObjectReader.open(range, finished.tail()), 1);
    }

    /** Answers when the test says so, and remembers every buffer that it gave. */
    private final class Store implements ObjectReader {
        private final List<CompletableFuture<ByteBuf>> waiting = new ArrayList<>();
        private final List<Runnable> answers = new ArrayList<>();
        private final List<ByteBuf> given = new ArrayList<>();
        private int reads;

        @Override
        public CompletableFuture<ByteBuf> read(String key, long offset, int length) {
            reads++;
            CompletableFuture<ByteBuf> answer = new CompletableFuture<>();
            waiting.add(answer);
            answers.add(() -> {
                ByteBuf copy = bytes.copy((int) offset, length);
                given.add(copy);
                if (!answer.complete(copy)) {
                    copy.release();
                }
            });
            return answer;
        }

        void answerAll() {
            while (!answers.isEmpty()) {
                waiting.clear();
                List<Runnable> now = List.copyOf(answers);
                answers.clear();
                now.forEach(Runnable::run);
            }
        }

        long unreleased() {
            return given.stream().filter(each -> each.refCnt() > 0).count();
        }

        @Override
        public CompletableFuture<ByteBuf> readWhole(String key, int maxBytes) {
            throw new AssertionError("not read whole");
        }

        @Override
        public CompletableFuture<Optional<ObjectInfo>> stat(String key) {
            throw new AssertionError("not asked for");
        }
    }
}
