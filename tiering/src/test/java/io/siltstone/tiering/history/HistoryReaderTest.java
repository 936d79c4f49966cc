package io.siltstone.tiering.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.siltstone.format.BatchHeader;
import io.siltstone.format.BucketKeys;
import io.siltstone.format.CorruptObjectException;
import io.siltstone.format.PartitionKeys;
import io.siltstone.format.manifest.CommitStamp;
import io.siltstone.format.manifest.ManifestCommit;
import io.siltstone.format.manifest.ManifestObject;
import io.siltstone.format.manifest.ManifestRange;
import io.siltstone.format.manifest.ManifestTree;
import io.siltstone.format.segment.FinishedObject;
import io.siltstone.format.segment.SegmentObjectWriter;
import io.siltstone.format.segment.SegmentSource;
import io.siltstone.format.segment.SegmentTrailer;
import io.siltstone.log.PartitionId;
import io.siltstone.log.chain.ManifestPointer;
import io.siltstone.tiering.store.DirectoryObjectStore;
import io.siltstone.tiering.store.ObjectStore;
import io.siltstone.tiering.upload.ManifestStore;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryReaderTest {

    private static final PartitionId PARTITION = new PartitionId(new UUID(1, 2), 3);
    private static final BucketKeys KEYS = new BucketKeys("cluster");
    private static final PartitionKeys PARTITION_KEYS = KEYS.partition(PARTITION.topic(), PARTITION.partition());
    private static final int BLOCK_BYTES = 4_000;
    private static final int RECORDS = 10;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path bucket;

    private final ByteArrayOutputStream expected = new ByteArrayOutputStream();
    private final List<ManifestRange> ranges = new ArrayList<>();
    private final Random random = new Random(7);
    private final List<Long> chunksRead = new CopyOnWriteArrayList<>();

    @SuppressWarnings("NullAway.Init")
    private DirectoryObjectStore store;

    @SuppressWarnings("NullAway.Init")
    private HistoryReader reader;

    private long endOffset;
    private @Nullable ManifestPointer pointer;

    @BeforeEach
    void open() {
        store = new DirectoryObjectStore(bucket);
        reader = new HistoryReader(store, KEYS, new HistorySettings(64_000, 10_000, 2, true, 1 << 20));
    }

    @AfterEach
    void close() {
        reader.close();
        store.close();
    }

    @Test
    void givesEveryBatchOnceAndInOrder() throws Exception {
        fill(5, 40, 1);
        assertThat(readAll(3_000)).isEqualTo(expected.toByteArray());
        assertThat(readAll(1)).isEqualTo(expected.toByteArray());
        assertThat(readAll(1 << 20)).isEqualTo(expected.toByteArray());
    }

    @Test
    void readsAgainWhatItDidNotKeep() throws Exception {
        reader.close();
        reader = new HistoryReader(store, KEYS, new HistorySettings(64_000, 10_000, 2, false, 1 << 20));
        fill(5, 40, 1);
        assertThat(readAll(1 << 20)).isEqualTo(expected.toByteArray());
        assertThat(readAll(3_000)).isEqualTo(expected.toByteArray());
    }

    @Test
    void beginsWithTheBatchThatHoldsTheOffset() throws Exception {
        fill(3, 20, 1);
        for (long offset = 0; offset < endOffset; offset += 7) {
            HistorySlice slice = read(offset, 1).orElseThrow();
            assertThat(slice.baseOffset()).isEqualTo(offset / RECORDS * RECORDS);
            assertThat(slice.endOffset()).isEqualTo(slice.baseOffset() + RECORDS);
            slice.release();
        }
        assertThat(read(endOffset, 1)).isEmpty();
    }

    @Test
    void findsTheFirstBatchOfATime() throws Exception {
        fill(3, 20, 1);
        for (long time = 0; time < endOffset; time += 13) { // a record's timestamp is its offset
            HistorySlice slice = await(reader.firstBatchByTime(PARTITION, pointer(), 0, time))
                    .orElseThrow();
            assertThat(slice.baseOffset()).isEqualTo(time / RECORDS * RECORDS);
            slice.release();
        }
        assertThat(await(reader.firstBatchByTime(PARTITION, pointer(), 0, endOffset)))
                .isEmpty();
        HistorySlice later =
                await(reader.firstBatchByTime(PARTITION, pointer(), 250, 5)).orElseThrow();
        assertThat(later.baseOffset()).isEqualTo(250);
        later.release();
    }

    @Test
    void tellsWhereAnEpochEnded() throws Exception {
        fill(2, 10, 1);
        fill(1, 10, 4);
        assertThat(await(reader.endOfEpoch(PARTITION, pointer(), 1))).contains(new EpochEnd(1, 200));
        assertThat(await(reader.endOfEpoch(PARTITION, pointer(), 3))).contains(new EpochEnd(1, 200));
        assertThat(await(reader.endOfEpoch(PARTITION, pointer(), 0))).contains(new EpochEnd(-1, 0));
        assertThat(await(reader.endOfEpoch(PARTITION, pointer(), 4))).isEmpty();
    }

    @Test
    void keepsToItsMemoryWhileSlicesAreHeld() throws Exception {
        fill(3, 60, 1);
        List<HistorySlice> held = new ArrayList<>();
        for (long offset = 0; offset < endOffset; offset += 100) {
            held.add(read(offset, 5_000).orElseThrow());
        }
        for (HistorySlice slice : held) {
            assertThat(BatchHeader.at(slice.batches().nioBuffer(), 0).baseOffset())
                    .isEqualTo(slice.baseOffset());
            slice.release();
        }
    }

    @Test
    void readsAheadOfWhoComesByAChunksStart() throws Exception {
        fill(1, 40, 1);
        HistoryReader fromTheStart = counting(new HistorySettings(640_000, 10_000, 2, true, 1 << 20));
        read(fromTheStart, 0);
        assertThat(chunksRead).hasSize(3);
        long between = endOffset / 2 + 1;

        HistoryReader fromBetween = counting(new HistorySettings(640_000, 10_000, 2, true, 1 << 20));
        read(fromBetween, between);
        assertThat(chunksRead).hasSize(1);
    }

    @Test
    void namesObjectBlockAndOffsetOfAFlippedByte() throws Exception {
        fill(2, 20, 1);
        ManifestRange second = ranges.get(1);
        Path file = bucket.resolve(second.key());
        byte[] bytes = Files.readAllBytes(file);
        bytes[BLOCK_BYTES + BLOCK_BYTES / 2] ^= 1;
        Files.write(file, bytes);
        assertThatThrownBy(() -> readAll(3_000))
                .isInstanceOfSatisfying(
                        ExecutionException.class,
                        failure -> assertThat(failure.getCause())
                                .isInstanceOfSatisfying(CorruptObjectException.class, corrupt -> {
                                    assertThat(corrupt.object()).isEqualTo(second.key());
                                    assertThat(corrupt.block()).isEqualTo(1);
                                    assertThat(corrupt.offset()).isBetween(second.baseOffset(), second.endOffset());
                                }));
    }

    @Test
    void saysThatAnObjectIsGone() throws Exception {
        fill(2, 20, 1);
        Files.delete(bucket.resolve(ranges.get(1).key()));
        assertThatThrownBy(() -> readAll(3_000))
                .hasRootCauseInstanceOf(CorruptObjectException.class)
                .hasMessageContaining(ranges.get(1).key());
    }

    @Test
    void noticesAnObjectSwappedForAnother() throws Exception {
        fill(3, 20, 1);
        Files.write(
                bucket.resolve(ranges.get(1).key()),
                Files.readAllBytes(bucket.resolve(ranges.get(2).key())));
        assertThatThrownBy(() -> readAll(3_000))
                .hasRootCauseInstanceOf(CorruptObjectException.class)
                .hasMessageContaining(ranges.get(1).key());
    }

    /** Another reader; {@link #chunksRead} begins anew and tells where in objects it reads, but for their indexes. */
    private HistoryReader counting(HistorySettings settings) {
        reader.close();
        chunksRead.clear();
        ObjectStore counted = (ObjectStore) Proxy.newProxyInstance(
                ObjectStore.class.getClassLoader(), new Class<?>[] {ObjectStore.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("read")) {
                        long position = (long) arguments[1];
                        boolean ofIndex = ranges.stream().anyMatch(range -> range.indexPosition() == position);
                        if (!ofIndex) {
                            chunksRead.add(position);
                        }
                    }
                    return method.invoke(store, arguments);
                });
        reader = new HistoryReader(counted, KEYS, settings);
        return reader;
    }

    private void fill(int objects, int batches, int epoch) throws Exception {
        for (int i = 0; i < objects; i++) {
            addObject(batches, epoch);
        }
        commit(epoch);
    }

    private void addObject(int batches, int epoch) throws Exception {
        String key = PARTITION_KEYS.segment(endOffset, epoch, "u" + ranges.size());
        SegmentObjectWriter writer = new SegmentObjectWriter(
                new SegmentSource("topic", PARTITION.topic(), 3, ranges.size(), ranges.size(), endOffset), BLOCK_BYTES);
        ByteBuf object = Unpooled.buffer();
        object.writeBytes(writer.begin());
        for (int i = 0; i < batches; i++) {
            ByteBuffer batch = batch(epoch);
            expected.writeBytes(ByteBufUtil.getBytes(Unpooled.wrappedBuffer(batch)));
            object.writeBytes(writer.append(batch));
            endOffset += RECORDS;
        }
        FinishedObject finished =
                writer.finish(new SegmentTrailer(endOffset, endOffset - 1, List.of(), ByteBuffer.allocate(0)));
        object.writeBytes(finished.tail());
        await(store.putIfAbsent(key, object));
        ranges.add(finished.toRange(key));
    }

    private ByteBuffer batch(int epoch) {
        SimpleRecord[] records = new SimpleRecord[RECORDS];
        for (int i = 0; i < RECORDS; i++) {
            byte[] value = new byte[100];
            random.nextBytes(value);
            records[i] = new SimpleRecord(endOffset + i, value);
        }
        ByteBuffer buffer = MemoryRecords.withRecords(endOffset, Compression.NONE, epoch, records)
                .buffer();
        byte[] copy = new byte[buffer.remaining()];
        buffer.get(copy);
        return ByteBuffer.wrap(copy);
    }

    private void commit(int epoch) throws Exception {
        ManifestStore manifests = new ManifestStore(store, PARTITION_KEYS);
        ManifestTree before = manifests.load(pointer).toCompletableFuture().get();
        List<ManifestRange> added = ranges.stream()
                .filter(range -> range.baseOffset() >= before.endOffset())
                .toList();
        long sequence = pointer == null ? 1 : pointer.sequence() + 1;
        ManifestCommit commit = before.append(added, 0, new CommitStamp(epoch, sequence, "c", 1))
                .toCompletableFuture()
                .get();
        for (ManifestObject node : commit.nodes()) {
            await(store.putIfAbsent(
                    node.key(), Unpooled.wrappedBuffer(node.bytes().duplicate())));
        }
        ManifestObject root = commit.rootObject();
        await(store.putIfAbsent(root.key(), Unpooled.wrappedBuffer(root.bytes().duplicate())));
        pointer = new ManifestPointer(
                root.key(),
                root.sha256(),
                epoch,
                sequence,
                endOffset,
                commit.root().bytes());
    }

    private byte[] readAll(int maxBytes) throws Exception {
        ByteArrayOutputStream found = new ByteArrayOutputStream();
        for (long offset = 0; offset < endOffset; ) {
            HistorySlice slice = read(offset, maxBytes).orElseThrow();
            assertThat(slice.baseOffset()).isEqualTo(offset);
            found.writeBytes(ByteBufUtil.getBytes(slice.batches()));
            offset = slice.endOffset();
            slice.release();
        }
        return found.toByteArray();
    }

    private Optional<HistorySlice> read(long offset, int maxBytes) throws Exception {
        return await(reader.read(PARTITION, pointer(), offset, maxBytes));
    }

    private void read(HistoryReader from, long offset) throws Exception {
        await(from.read(PARTITION, pointer(), offset, 1)).orElseThrow().release();
    }

    private ManifestPointer pointer() {
        return Objects.requireNonNull(pointer);
    }

    private static <T> T await(CompletableFuture<T> future) throws Exception {
        return future.get(10, TimeUnit.SECONDS);
    }
}
