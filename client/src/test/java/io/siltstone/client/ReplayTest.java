package io.siltstone.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.siltstone.client.BucketFixture.Timed;
import io.siltstone.client.source.BucketSource;
import io.siltstone.client.source.DirectoryBucket;
import io.siltstone.client.source.HistoryException;
import io.siltstone.format.CorruptObjectException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayTest {

    @TempDir
    Path folder;

    private BucketFixture bucket;
    private BucketFixture.Topic flights;

    @BeforeEach
    void writeBucket() {
        bucket = new BucketFixture(folder, 2_000);
        flights = bucket.topic("flights", 3);
        for (int partition = 0; partition < 3; partition++) {
            flights.partition(partition).segment(7, 100, 1_000 + partition, 30);
            flights.partition(partition).segment(13, 50, 5_000 + partition, 200);
        }
    }

    private BucketSource source() {
        return new BucketSource(new DirectoryBucket(folder));
    }

    private ReplayBuilder all() {
        return Replay.from(source()).topics("flights");
    }

    private static List<ConsumerRecord<byte[], byte[]>> drain(ReplayBuilder builder) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (Replay replay = builder.start()) {
            replay.forEach(records::add);
        } finally {
            builder.source.close();
        }
        return records;
    }

    private static String text(ConsumerRecord<byte[], byte[]> record) {
        return new String(record.value(), StandardCharsets.UTF_8).replaceAll("#.*", "");
    }

    private static void assertEachPartitionInOrder(List<ConsumerRecord<byte[], byte[]>> records) {
        Map<Integer, Long> last = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> record : records) {
            Long before = last.put(record.partition(), record.offset());
            assertThat(record.offset()).isEqualTo(before == null ? record.offset() : before + 1);
            assertThat(text(record)).isEqualTo(record.topic() + "-" + record.partition() + "-" + record.offset());
        }
    }

    @Test
    void givesEveryRecordOnceAndInOrder() {
        List<ConsumerRecord<byte[], byte[]>> records = drain(all());

        assertThat(records).hasSize(450);
        assertEachPartitionInOrder(records);
        assertThat(records.get(0).timestamp()).isBetween(1_000L, 1_002L);
        assertThat(new String(records.get(0).key(), StandardCharsets.UTF_8)).isEqualTo("key-0");
    }

    @Test
    void piecesSmallerThanABatchGiveTheSameRecords() {
        flights.partition(0).segment(50, 400, 9_000, 2_000);

        List<ConsumerRecord<byte[], byte[]>> records = drain(all().prefetchBytes(1));

        assertThat(records).hasSize(850);
        assertEachPartitionInOrder(records);
    }

    @Test
    void readsSomePartitionsFromOffsetToOffset() {
        List<ConsumerRecord<byte[], byte[]>> records = drain(Replay.from(source())
                .partitions("flights", 1)
                .from(Bound.offset(95))
                .to(Bound.offset(110)));

        assertThat(records).hasSize(15);
        assertThat(records.get(0).offset()).isEqualTo(95);
        assertThat(records).allMatch(record -> record.partition() == 1);
    }

    @Test
    void readsFromTimeToTime() {
        List<ConsumerRecord<byte[], byte[]>> records = drain(Replay.from(source())
                .partitions("flights", 0)
                .from(Bound.time(Instant.ofEpochMilli(1_050)))
                .to(Bound.time(Instant.ofEpochMilli(5_010))));

        assertThat(records).hasSize(60);
        assertThat(records.get(0).timestamp()).isEqualTo(1_050);
        assertThat(records.get(59).timestamp()).isEqualTo(5_009);
    }

    @Test
    void mergesByTimeAndOffsetOrderWinsWithinAPartition() {
        BucketFixture.Topic mixed = bucket.topic("mixed", 2);
        mixed.partition(0).segment(2, new Timed(10, 0), new Timed(40, 0), new Timed(20, 0), new Timed(50, 0));
        mixed.partition(1).segment(1, new Timed(10, 0), new Timed(30, 0), new Timed(45, 0));

        List<ConsumerRecord<byte[], byte[]>> records =
                drain(Replay.from(source()).topics("mixed").orderedByTime());

        assertThat(records.stream().map(ReplayTest::text))
                .containsExactly(
                        "mixed-0-0", "mixed-1-0", "mixed-1-1", "mixed-0-1", "mixed-0-2", "mixed-1-2", "mixed-0-3");
    }

    @Test
    void mergesSeveralTopicsByTime() {
        bucket.topic("weather", 1).partition(0).segment(3, 100, 1_000, 10);

        List<ConsumerRecord<byte[], byte[]>> records =
                drain(all().topics("weather").orderedByTime());

        assertThat(records).hasSize(550);
        assertThat(records.stream().map(ConsumerRecord::timestamp)).isSorted();
    }

    @Test
    void resumesBehindTheLastRecordGivenOut() {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        String token = null;
        while (records.size() < 450) {
            ReplayBuilder builder = token == null
                    ? all().orderedByTime()
                    : Replay.from(source()).orderedByTime().resume(token);
            try (Replay replay = builder.start()) {
                for (int i = 0; i < 37 && !replay.isOver(); i++) {
                    ConsumerRecord<byte[], byte[]> record = replay.poll(Duration.ofSeconds(10));
                    if (record != null) {
                        records.add(record);
                    }
                }
                token = replay.resumeToken();
            }
        }

        assertThat(records.stream().map(ReplayTest::text))
                .containsExactlyElementsOf(drain(all().orderedByTime()).stream()
                        .map(ReplayTest::text)
                        .toList());
    }

    @Test
    void aTokenKeepsTheEndThatWasSetAtTheStart() {
        String token;
        try (Replay replay = all().start()) {
            token = replay.resumeToken();
        }
        flights.partition(0).segment(1, 10, 9_000, 1);

        assertThat(drain(Replay.from(source()).resume(token))).hasSize(450);
    }

    @Test
    void refusesATokenOfATopicThatWasMadeAnew() {
        String token = new ResumeToken(Map.of("flights", new java.util.UUID(1, 1)), Map.of()).encode();

        assertThatThrownBy(() -> Replay.from(source()).resume(token).start()).hasMessageContaining("flights");
    }

    @Test
    void startsAtTheLogStart() {
        flights.partition(0).dropBelow(120);

        List<ConsumerRecord<byte[], byte[]>> records =
                drain(Replay.from(source()).partitions("flights", 0));

        assertThat(records).hasSize(30);
        assertThat(records.get(0).offset()).isEqualTo(120);
    }

    @Test
    void keepsASteadyRate() {
        FakePaceClock clock = new FakePaceClock();

        drain(all().pace(Pace.recordsPerSecond(10)).clock(clock));

        assertThat(clock.elapsedMs()).isBetween(44_800L, 45_100L);
    }

    @Test
    void keepsTheOriginalRhythmTimesAFactor() {
        FakePaceClock clock = new FakePaceClock();

        drain(all().orderedByTime().pace(Pace.timesOriginalSpeed(2)).clock(clock));

        assertThat(clock.elapsedMs()).isBetween(2_025L, 2_100L);
    }

    @Test
    void tellsProgressUpToTheEnd() {
        List<ReplayProgress> told = new ArrayList<>();

        drain(all().onProgress(told::add));

        ReplayProgress last = told.get(told.size() - 1);
        assertThat(last.records()).isEqualTo(450);
        assertThat(last.doneOffsets()).isEqualTo(450).isEqualTo(last.totalOffsets());
        assertThat(last.fetchedBytes()).isPositive();
    }

    @Test
    void anUnknownTopicIsNamed() {
        assertThatThrownBy(() -> Replay.from(source()).topics("nothing").start())
                .isInstanceOf(HistoryException.class)
                .hasMessageContaining("nothing");
    }

    @Test
    void aBucketAloneCannotBeFollowed() {
        assertThatThrownBy(() -> all().thenFollow().start()).hasMessageContaining("no live records");
    }

    @Test
    void aFlippedByteAnywhereInTheBucketEndsTheReplayAndNamesTheObject() throws Exception {
        for (Path file : bucket.files()) {
            for (int i = 0; i < Files.size(file); i += 97) {
                BucketFixture.flip(file, i);
                assertThatThrownBy(() -> drain(all()))
                        .as("%s, byte %d", file, i)
                        .isInstanceOf(CorruptObjectException.class)
                        .hasMessageContaining(folder.relativize(file).toString());
                BucketFixture.flip(file, i);
            }
        }
    }

    private List<io.siltstone.format.manifest.ManifestRange> allRanges() {
        List<io.siltstone.format.manifest.ManifestRange> ranges = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            ranges.addAll(flights.partition(i)
                    .tree()
                    .page(0, 100)
                    .toCompletableFuture()
                    .join());
        }
        return ranges;
    }

    @Test
    void aFlippedByteOfABlockIsNamedWithBlockAndOffset() {
        var range = allRanges().get(0);
        BucketFixture.flip(bucket.path(range.key()), 5_000);

        assertThatThrownBy(() -> drain(all())).isInstanceOfSatisfying(CorruptObjectException.class, e -> {
            assertThat(e.object()).isEqualTo(range.key());
            assertThat(e.block()).isEqualTo(2);
            assertThat(e.offset()).isBetween(1L, 99L);
        });
    }

    @Test
    void everyRemovedObjectThatHistoryNeedsIsMissed() throws Exception {
        for (Path file : bucket.files()) {
            if (file.toString().contains("/roots/") && isNewestRoot(file)) {
                continue;
            }
            Path aside = folder.resolve("../aside-" + folder.getFileName());
            Files.move(file, aside);
            assertThatThrownBy(() -> drain(all())).as("without %s", file).isInstanceOf(CorruptObjectException.class);
            Files.move(aside, file);
        }
    }

    private boolean isNewestRoot(Path file) {
        return file.toString().endsWith("0000000001");
    }

    @Test
    void anObjectSwappedForAnotherIsSeen() throws Exception {
        var ranges = allRanges();
        Path first = bucket.path(ranges.get(0).key());
        Path second = bucket.path(ranges.get(2).key());
        byte[] bytes = Files.readAllBytes(first);
        Files.write(first, Files.readAllBytes(second));
        Files.write(second, bytes);

        assertThatThrownBy(() -> drain(all()))
                .isInstanceOf(CorruptObjectException.class)
                .hasMessageContaining("segments/");
    }

    @Test
    void aManifestWithoutItsFirstRangesHasAGap() {
        flights.partition(1).forgeNewestRoot(root -> root.removeTail(0));

        assertThatThrownBy(() -> drain(all()))
                .isInstanceOf(CorruptObjectException.class)
                .hasMessageContaining("starts at 100, not at 0");
    }

    @Test
    void withoutItsNewestRootGivesWhatThereIsAndSaysThatMoreMayHaveBeen() throws Exception {
        Files.delete(bucket.path(flights.partition(1).newestRoot()));
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();

        try (BucketSource source = source();
                Replay replay = Replay.from(source).topics("flights").start()) {
            assertThatThrownBy(() -> replay.forEach(records::add))
                    .isInstanceOf(CorruptObjectException.class)
                    .hasMessageContaining(flights.partition(1).keys.segmentsFrom(100));
        }
        assertThat(records).hasSize(400);
    }

    @Test
    void endsBelowAMissingRootWithoutAFault() throws Exception {
        Files.delete(bucket.path(flights.partition(1).newestRoot()));

        assertThat(drain(all().to(Bound.offset(50)))).hasSize(150);
    }
}
