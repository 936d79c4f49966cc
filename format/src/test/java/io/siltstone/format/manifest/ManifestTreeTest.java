package io.siltstone.format.manifest;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.siltstone.format.BucketKeys;
import io.siltstone.format.CorruptObjectException;
import io.siltstone.format.EpochStart;
import io.siltstone.format.PartitionKeys;
import io.siltstone.format.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class ManifestTreeTest {

    private final PartitionKeys keys = new BucketKeys("cluster").partition(new UUID(3, 4), 5);
    private final FakeBucket bucket = new FakeBucket();
    private ManifestTree tree = ManifestTree.empty(keys, bucket);
    private long sequence;
    private long written;

    private ManifestRange range(long base, long end) {
        return range(base, end, 1, base * 10, end * 10 - 1);
    }

    private ManifestRange range(long base, long end, int epoch, long least, long greatest) {
        String key = keys.segment(base, epoch, Long.toHexString(base * 31 + end));
        return new ManifestRange(
                key,
                1_000 + end - base,
                Sha256.of(ByteBuffer.wrap(key.getBytes(StandardCharsets.UTF_8))),
                base,
                end,
                List.of(new EpochStart(epoch, base)),
                least,
                greatest,
                base,
                base,
                base,
                900,
                (int) base,
                -1);
    }

    private CommitStamp stamp(int epoch) {
        return new CommitStamp(epoch, sequence++, "u" + sequence, 1_000 + sequence);
    }

    private void append(ManifestRange... ranges) {
        apply(tree.append(List.of(ranges), tree.logStart(), stamp(1)));
    }

    private void apply(CompletionStage<ManifestCommit> change) {
        ManifestCommit commit = get(change);
        written = bucket.put(commit);
        tree = tree.after(commit);
    }

    private ManifestRoot root() {
        return requireNonNull(tree.root());
    }

    private static <T> T get(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }

    private void fill(int ranges, int perCommit) {
        long next = tree.endOffset();
        for (int i = 0; i < ranges; i += perCommit) {
            ManifestRange[] added = new ManifestRange[Math.min(perCommit, ranges - i)];
            for (int j = 0; j < added.length; j++) {
                added[j] = range(next, next + 10);
                next += 10;
            }
            append(added);
        }
    }

    @Test
    void anEmptyManifestHoldsNothing() {
        assertThat(tree.endOffset()).isZero();
        assertThat(get(tree.lookupByOffset(0))).isEmpty();
        assertThat(get(tree.page(0, 10))).isEmpty();
    }

    @Test
    void fewRangesNeedNoNode() {
        fill(16, 1);

        assertThat(bucket.objects.keySet()).allMatch(key -> key.contains("/roots/"));
        assertThat(get(tree.page(0, 100))).hasSize(16);
    }

    @Test
    void aRootComesBackFromItsBytes() {
        fill(40, 1);
        ManifestRoot root = root();
        String key = keys.root(root.epoch(), root.sequence());
        ByteBuffer bytes = bucket.get(key);

        ManifestRoot read = new ManifestCodec(keys).decodeRoot(new RootRef(key, Sha256.of(bytes)), bytes);

        assertThat(read).isEqualTo(root);
    }

    @Test
    void everyRootNamesItsPredecessorAndWhatItAdded() {
        append(range(0, 10));
        RootRef first = new RootRef(keys.root(1, 0), Sha256.of(bucket.get(keys.root(1, 0))));
        append(range(10, 20));

        ManifestRoot root = root();
        assertThat(root.previous()).isEqualTo(first);
        assertThat(root.changes())
                .containsExactly(new ManifestChange(
                        ManifestChange.Kind.ADD, List.of(), List.of(ManifestChange.Named.of(range(10, 20)))));
    }

    @Test
    void refusesARangeThatDoesNotStartWhereTheLastOneEnded() {
        append(range(0, 10));

        assertThatThrownBy(() -> append(range(11, 20))).hasMessageContaining("starts at 11");
        assertThatThrownBy(() -> append(range(9, 20))).hasMessageContaining("ends at 10");
        assertThatThrownBy(() -> append(range(10, 20), range(21, 30))).hasMessageContaining("not at 20");
    }

    @Test
    void aGapBelowTheLogStartIsNoGap() {
        append(range(0, 10));

        apply(tree.append(List.of(range(50, 60)), 50, stamp(1)));

        assertThat(tree.endOffset()).isEqualTo(60);
        assertThat(get(tree.lookupByOffset(20)).orElseThrow().baseOffset()).isEqualTo(50);
    }

    @Test
    void aRootWithAGapAboveTheLogStartIsNone() {
        assertThatThrownBy(() -> rootWith(0, 20, range(10, 20))).hasMessageContaining("starts at 10, not at 0");
        assertThatThrownBy(() -> rootWith(9, 20, range(10, 20))).hasMessageContaining("starts at 10, not at 0");
        assertThatThrownBy(() -> rootWith(10, 30, range(0, 10), range(20, 30)))
                .hasMessageContaining("starts at 20, not at 10");
        assertThatThrownBy(() -> rootWith(0, 30, range(0, 10))).hasMessageContaining("ranges end at 10");
        assertThat(rootWith(10, 20, range(10, 20)).ranges()).isOne();
        assertThat(rootWith(30, 30).ranges()).isZero();
    }

    private ManifestRoot rootWith(long logStart, long endOffset, ManifestRange... tail) {
        return new ManifestRoot(
                keys.topic(), keys.partition(), 1, 1, 0, logStart, endOffset, null, List.of(), null, List.of(tail));
    }

    @Test
    void refusesAnOlderStamp() {
        append(range(0, 10));

        assertThatThrownBy(() -> get(tree.append(List.of(range(10, 20)), 0, new CommitStamp(0, 9, "x", 0))))
                .hasMessageContaining("cannot follow");
        assertThatThrownBy(() -> get(tree.append(List.of(range(10, 20)), 0, new CommitStamp(1, 0, "x", 0))))
                .hasMessageContaining("cannot follow");
    }

    @Test
    void aMillionRangesCommitUnder256KiBAndLookUpInFourReads() {
        fill(1_000_000, 1_000);
        for (int i = 0; i < 40; i++) {
            append(range(tree.endOffset(), tree.endOffset() + 10));
            assertThat(written).isLessThan(256 << 10);
        }
        Random random = new Random(1);
        for (int i = 0; i < 200; i++) {
            long offset = random.nextInt(10_000_000);
            bucket.reads.clear();

            ManifestRange found = get(tree.lookupByOffset(offset)).orElseThrow();

            assertThat(offset).isBetween(found.baseOffset(), found.endOffset() - 1);
            assertThat(bucket.reads.size() + 1).as("reads with the root").isLessThanOrEqualTo(4);
            bucket.reads.clear();
            assertThat(get(tree.lookupByTime(offset * 10)).orElseThrow()).isEqualTo(found);
            assertThat(bucket.reads.size() + 1).isLessThanOrEqualTo(4);
        }
        apply(tree.dropBelow(6_543_217, stamp(1)));
        assertThat(written).isLessThan(256 << 10);
        assertThat(get(tree.lookupByOffset(0)).orElseThrow().baseOffset()).isEqualTo(6_543_210);
    }

    @Test
    void timeLookupsFindTheFirstRangeEvenWhereTimeStepsBack() {
        append(range(0, 10, 1, 100, 500), range(10, 20, 1, 50, 90), range(20, 30, 1, 400, 900));

        assertThat(get(tree.lookupByTime(450)).orElseThrow().baseOffset()).isZero();
        assertThat(get(tree.lookupByTime(501)).orElseThrow().baseOffset()).isEqualTo(20);
        assertThat(get(tree.lookupByTime(901))).isEmpty();
        assertThat(get(tree.lookupGreatestTimestamp()).orElseThrow().baseOffset())
                .isEqualTo(20);
    }

    @Test
    void epochLookupsFindWhereALaterEpochBegins() {
        append(range(0, 10, 1, 0, 1), range(10, 20, 1, 0, 1), range(20, 30, 4, 0, 1));

        assertThat(get(tree.lookupAfterEpoch(1)).orElseThrow().baseOffset()).isEqualTo(20);
        assertThat(get(tree.lookupAfterEpoch(0)).orElseThrow().baseOffset()).isZero();
        assertThat(get(tree.lookupAfterEpoch(4))).isEmpty();
    }

    @Test
    void droppingEverythingKeepsTheEndOffset() {
        fill(300, 7);

        apply(tree.dropBelow(3_000, stamp(2)));

        assertThat(get(tree.page(0, 10))).isEmpty();
        assertThat(tree.endOffset()).isEqualTo(3_000);
        assertThat(tree.logStart()).isEqualTo(3_000);
        appendInEpochTwo(range(3_000, 3_010));
        assertThat(get(tree.page(0, 10))).hasSize(1);
    }

    private void appendInEpochTwo(ManifestRange range) {
        apply(tree.append(List.of(range), tree.logStart(), stamp(2)));
    }

    @Test
    void nodeKeysAreThoseThatTheVersionNeeds() {
        fill(2_000, 9);

        List<String> needed = get(tree.nodeKeys());
        bucket.objects.keySet().removeIf(key -> key.contains("/nodes/") && !needed.contains(key));

        assertThat(get(tree.page(0, 5_000))).hasSize(2_000);
    }

    @Test
    void aFlippedByteOfAnyNodeOrRootIsSeen() {
        fill(40, 20);
        ManifestRoot root = root();
        ManifestCodec codec = new ManifestCodec(keys);
        String rootKey = keys.root(root.epoch(), root.sequence());
        ByteBuffer rootBytes = bucket.get(rootKey);
        for (int i = 0; i < rootBytes.limit(); i++) {
            ByteBuffer broken = flipped(rootBytes, i);
            assertThatThrownBy(() -> codec.decodeRoot(rootKey, broken))
                    .as("byte %d", i)
                    .isInstanceOf(CorruptObjectException.class)
                    .hasMessageContaining(rootKey);
        }
        String nodeKey = requireNonNull(root.tree()).key();
        bucket.objects.compute(nodeKey, (key, bytes) -> flipped(bytes, 100));
        assertThatThrownBy(() -> get(tree.lookupByOffset(0)))
                .hasCauseInstanceOf(CorruptObjectException.class)
                .hasMessageContaining(nodeKey);
    }

    @Test
    void aRootOfAnotherPartitionIsRefused() {
        append(range(0, 10));
        PartitionKeys other = new BucketKeys("cluster").partition(new UUID(3, 4), 6);
        ByteBuffer bytes = bucket.get(keys.root(1, 0));

        assertThatThrownBy(() -> new ManifestCodec(other).decodeRoot(other.root(1, 0), bytes))
                .hasMessageContaining("it is a root of partition");
    }

    @Test
    void behavesAsAListUnderRandomChanges() {
        for (long seed = 0; seed < 30; seed++) {
            Random random = new Random(seed);
            bucket.objects.clear();
            tree = ManifestTree.empty(keys, bucket);
            List<ManifestRange> model = new ArrayList<>();
            for (int step = 0; step < 300; step++) {
                if (random.nextInt(12) == 0) {
                    long logStart = tree.logStart() + random.nextInt((int) (tree.endOffset() - tree.logStart()) + 1);
                    apply(tree.dropBelow(logStart, stamp(1)));
                    model.removeIf(range -> range.endOffset() <= logStart);
                } else {
                    long next = tree.endOffset();
                    ManifestRange[] added = new ManifestRange[1 + random.nextInt(random.nextInt(10) == 0 ? 400 : 4)];
                    for (int i = 0; i < added.length; i++) {
                        long end = next + 1 + random.nextInt(20);
                        added[i] = range(next, end, 1, 0, random.nextInt(1_000_000));
                        next = end;
                    }
                    append(added);
                    model.addAll(List.of(added));
                }
                checkAgainst(model, random, "seed " + seed + ", step " + step);
            }
        }
    }

    private void checkAgainst(List<ManifestRange> model, Random random, String where) {
        long offset = random.nextInt((int) tree.endOffset() + 1);
        long time = random.nextInt(1_000_100);
        Optional<ManifestRange> byOffset =
                model.stream().filter(range -> range.endOffset() > offset).findFirst();
        Optional<ManifestRange> byTime = model.stream()
                .filter(range -> range.greatestTimestamp() >= time)
                .findFirst();
        assertThat(get(tree.lookupByOffset(offset))).as(where).isEqualTo(byOffset);
        assertThat(get(tree.lookupByTime(time))).as(where).isEqualTo(byTime);
        assertThat(get(tree.page(offset, 50)))
                .as(where)
                .isEqualTo(model.stream()
                        .filter(range -> range.endOffset() > offset)
                        .limit(50)
                        .toList());
        ManifestRoot root = root();
        assertThat(root.ranges()).as(where).isEqualTo(model.size());
        assertThat(root.bytes())
                .as(where)
                .isEqualTo(model.stream().mapToLong(ManifestRange::bytes).sum());
    }

    private static ByteBuffer flipped(ByteBuffer bytes, int at) {
        ByteBuffer copy =
                ByteBuffer.allocate(bytes.remaining()).put(bytes.duplicate()).flip();
        return copy.put(at, (byte) (copy.get(at) ^ 0x08));
    }
}
