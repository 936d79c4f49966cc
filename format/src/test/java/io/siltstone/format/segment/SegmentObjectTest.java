package io.siltstone.format.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.siltstone.format.BatchHeader;
import io.siltstone.format.CorruptObjectException;
import io.siltstone.format.EpochStart;
import io.siltstone.format.Sha256;
import io.siltstone.format.TestBatches;
import io.siltstone.format.manifest.ManifestRange;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class SegmentObjectTest {

    private static final String KEY = "cluster/topic/0/segments/x";
    private static final UUID TOPIC = new UUID(1, 2);
    private static final AbortedTransaction ABORTED = new AbortedTransaction(9, 90, 104);

    private record Written(ByteBuffer object, FinishedObject finished) {
        ManifestRange range() {
            return finished.toRange(KEY);
        }
    }

    private static Written write(int blockBytes, long endOffset, ByteBuffer... entries) {
        SegmentSource source = new SegmentSource("flights", TOPIC, 0, 4, 4, 100);
        SegmentObjectWriter writer = new SegmentObjectWriter(source, blockBytes);
        List<ByteBuffer> parts = new ArrayList<>();
        parts.add(writer.begin());
        for (ByteBuffer entry : entries) {
            parts.add(writer.append(entry));
        }
        FinishedObject finished = writer.finish(
                new SegmentTrailer(endOffset, 102, List.of(ABORTED), ByteBuffer.wrap(new byte[] {1, 2, 3})));
        parts.add(finished.tail());
        return new Written(TestBatches.concat(parts.toArray(ByteBuffer[]::new)), finished);
    }

    private static Written small() {
        return write(
                400,
                109,
                TestBatches.batch(100, 3, 1_000, 3, 50),
                TestBatches.concat(TestBatches.batch(103, 3, 900, 2, 50), TestBatches.batch(105, 4, 2_000, 1, 300)),
                TestBatches.batch(106, 4, 1_500, 3, 10));
    }

    private static SegmentObjectReader open(Written written) {
        return SegmentObjectReader.open(written.range(), tail(written.object(), written.range()));
    }

    private static ByteBuffer tail(ByteBuffer object, ManifestRange range) {
        return object.slice((int) range.indexPosition(), (int) (range.bytes() - range.indexPosition()));
    }

    private static ByteBuffer bytesOf(ByteBuffer object, BlockEntry block) {
        return object.slice((int) block.position(), block.length());
    }

    /** Everything that a full check of an object reads. */
    private static void verifyAll(ByteBuffer object, ManifestRange range) {
        SegmentObjectReader reader = SegmentObjectReader.open(range, tail(object, range));
        reader.checkHeader(object);
        reader.index().blocks().forEach(block -> reader.verifyBatches(block, bytesOf(object, block)));
        Section snapshot = reader.index().producerSnapshot();
        if (snapshot != null) {
            reader.verify(snapshot, object.slice((int) snapshot.position(), snapshot.length()));
        }
    }

    @Test
    void batchesLieInItByteForByte() {
        ByteBuffer first = TestBatches.batch(100, 3, 1_000, 3, 50);
        ByteBuffer second = TestBatches.batch(103, 3, 1_000, 3, 50);

        Written written = write(1 << 20, 106, first, second);

        BlockEntry block = open(written).index().blocks().get(0);
        assertThat(bytesOf(written.object(), block)).isEqualTo(TestBatches.concat(first, second));
        assertThat(open(written).index().blocks()).hasSize(1);
    }

    @Test
    void indexTellsWhatTheObjectHolds() {
        Written written = small();

        SegmentIndex index = open(written).index();

        assertThat(index.topicName()).isEqualTo("flights");
        assertThat(index.topic()).isEqualTo(TOPIC);
        assertThat(index.firstSegment()).isEqualTo(4);
        assertThat(index.baseOffset()).isEqualTo(100);
        assertThat(index.endOffset()).isEqualTo(109);
        assertThat(index.epochs()).containsExactly(new EpochStart(3, 100), new EpochStart(4, 105));
        assertThat(index.leastTimestamp()).isEqualTo(900);
        assertThat(index.greatestTimestamp()).isEqualTo(2_000);
        assertThat(index.greatestTimestampOffset()).isEqualTo(102);
        assertThat(index.aborted()).containsExactly(ABORTED);
        assertThat(written.range().leastAbortedOffset()).isEqualTo(90);
    }

    @Test
    void hashAndLengthAreThoseOfTheWholeObject() {
        Written written = small();

        assertThat(written.finished().sha256()).isEqualTo(Sha256.of(written.object()));
        assertThat(written.finished().bytes()).isEqualTo(written.object().remaining());
    }

    @Test
    void blocksAreCutBetweenBatchesOnly() {
        Written written = small();

        for (BlockEntry block : open(written).index().blocks()) {
            long next = block.baseOffset();
            for (BatchHeader batch : BatchHeader.in(bytesOf(written.object(), block))) {
                assertThat(batch.baseOffset()).isEqualTo(next);
                next = batch.endOffset();
            }
            assertThat(next).isEqualTo(block.endOffset());
        }
        assertThat(open(written).index().blocks()).hasSizeGreaterThan(1);
    }

    @Test
    void aBatchLargerThanABlockIsABlock() {
        Written written =
                write(100, 102, TestBatches.batch(100, 1, 0, 1, 5_000), TestBatches.batch(101, 1, 0, 1, 5_000));

        assertThat(open(written).index().blocks()).hasSize(2);
    }

    @Test
    void findsTheBlockOfAnOffset() {
        SegmentIndex index = open(small()).index();

        for (long offset = 100; offset < 109; offset++) {
            BlockEntry block = index.blockByOffset(offset).orElseThrow();
            assertThat(offset).isBetween(block.baseOffset(), block.endOffset() - 1);
        }
        assertThat(index.blockByOffset(109)).isEmpty();
    }

    @Test
    void findsTheFirstBlockWithATimestamp() {
        SegmentIndex index = open(small()).index();

        assertThat(index.blockByTime(1_500).orElseThrow().endOffset()).isGreaterThan(105);
        assertThat(index.blockByTime(0).orElseThrow().number()).isZero();
        assertThat(index.blockByTime(2_001)).isEmpty();
    }

    @Test
    void readsFromTheFooterAloneWithoutAManifest() {
        Written written = small();
        ByteBuffer footer = written.object()
                .slice(written.object().limit() - SegmentObjectFormat.FOOTER_BYTES, SegmentObjectFormat.FOOTER_BYTES);

        assertThat(SegmentObjectReader.indexPosition(KEY, written.object().limit(), footer))
                .isEqualTo(written.range().indexPosition());
    }

    @Test
    void findsEveryFlippedByteAndNamesTheObject() {
        Written written = small();
        for (int i = 0; i < written.object().limit(); i++) {
            ByteBuffer broken = TestBatches.concat(written.object());
            broken.put(i, (byte) (broken.get(i) ^ 0x20));

            assertThatThrownBy(() -> verifyAll(broken, written.range()))
                    .as("byte %d", i)
                    .isInstanceOf(CorruptObjectException.class)
                    .hasMessageContaining(KEY);
        }
    }

    @Test
    void aFlippedByteOfABlockIsNamedWithBlockAndOffset() {
        Written written = small();
        SegmentObjectReader reader = open(written);
        BlockEntry block = reader.index().blockByOffset(103).orElseThrow();
        ByteBuffer broken = TestBatches.concat(bytesOf(written.object(), block));
        BatchHeader second = BatchHeader.at(broken, 0);
        int inSecond = block.baseOffset() == 103 ? 70 : second.sizeBytes() + 70;
        broken.put(inSecond, (byte) (broken.get(inSecond) ^ 1));

        assertThatThrownBy(() -> reader.verify(block, broken))
                .isInstanceOfSatisfying(CorruptObjectException.class, e -> {
                    assertThat(e.block()).isEqualTo(block.number());
                    assertThat(e.offset()).isEqualTo(103);
                    assertThat(e.object()).isEqualTo(KEY);
                });
    }

    @Test
    void anotherObjectInItsPlaceIsSeen() {
        Written meant = small();
        Written other = write(400, 109, TestBatches.batch(100, 3, 1_000, 9, 50));

        assertThatThrownBy(() -> SegmentObjectReader.open(
                        meant.range(), other.object().slice((int) other.range().indexPosition(), (int)
                                (other.range().bytes() - other.range().indexPosition()))))
                .isInstanceOf(CorruptObjectException.class);
    }

    @Test
    void refusesBatchesThatStepBackOrAreBroken() {
        ByteBuffer broken = TestBatches.batch(100, 1, 0, 1, 10);
        broken.put(65, (byte) (broken.get(65) ^ 1));

        assertThatThrownBy(() -> write(400, 101, broken)).hasMessageContaining("CRC");
        assertThatThrownBy(
                        () -> write(400, 101, TestBatches.batch(100, 1, 0, 2, 10), TestBatches.batch(101, 1, 0, 1, 10)))
                .hasMessageContaining("comes after offset 101");
    }

    @Test
    void overheadIsFarBelowTwoPercentOfASmallSegment() {
        List<ByteBuffer> entries = new ArrayList<>();
        long batchBytes = 0;
        for (int i = 0; i < 40; i++) {
            entries.add(TestBatches.batch(100 + i * 10L, 3, i, 10, 500));
            batchBytes += entries.get(i).remaining();
        }

        Written written = write(SegmentObjectWriter.DEFAULT_BLOCK_BYTES, 500, entries.toArray(ByteBuffer[]::new));

        assertThat((double) written.object().remaining() / batchBytes).isLessThan(1.002);
    }

    @Test
    void anyBatchesInAnyBlocksComeBack() {
        for (long seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            List<ByteBuffer> entries = new ArrayList<>();
            long next = 100;
            for (int i = 0; i < 1 + random.nextInt(30); i++) {
                int records = 1 + random.nextInt(5);
                entries.add(TestBatches.batch(next, 1 + i / 7, random.nextInt(1_000), records, random.nextInt(200)));
                next += records;
            }
            ByteBuffer[] all = entries.toArray(ByteBuffer[]::new);
            Written written = write(1 + random.nextInt(2_000), next, all);

            verifyAll(written.object(), written.range());
            ByteBuffer[] blocks = open(written).index().blocks().stream()
                    .map(block -> bytesOf(written.object(), block))
                    .toArray(ByteBuffer[]::new);
            assertThat(TestBatches.concat(blocks)).as("seed %d", seed).isEqualTo(TestBatches.concat(all));
        }
    }
}
