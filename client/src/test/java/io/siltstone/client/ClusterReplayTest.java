package io.siltstone.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.siltstone.client.source.HistoryException;
import io.siltstone.client.source.HistoryServer;
import io.siltstone.client.source.HttpSource;
import io.siltstone.client.source.OffsetBounds;
import io.siltstone.client.source.TopicInfo;
import io.siltstone.format.CorruptObjectException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replays through signed links and over to the live log. */
class ClusterReplayTest {

    private static final TopicPartition FIRST = new TopicPartition("flights", 0);
    private static final TopicPartition SECOND = new TopicPartition("flights", 1);

    @TempDir
    Path folder;

    private final FakeLiveTail live = new FakeLiveTail();
    private BucketFixture bucket;
    private BucketFixture.Topic flights;
    private HistoryServer server;
    private HttpSource source;
    private long liveEnd = 100;

    @BeforeEach
    void startServer() {
        bucket = new BucketFixture(folder, 50_000);
        flights = bucket.topic("flights", 2);
        flights.partition(0).segment(3, 60, 1_000, 100);
        flights.partition(0).segment(3, 40, 1_060, 100);
        flights.partition(1).segment(3, 100, 1_000, 100);
        open(Duration.ofMinutes(1));
    }

    private void open(Duration linkLife) {
        server = new HistoryServer(folder, linkLife);
        source = new HttpSource(
                server.address(),
                Map.of("flights", new TopicInfo("flights", flights.id, 2)),
                partition -> new OffsetBounds(0, liveEnd),
                Optional.of(live));
    }

    @AfterEach
    void stopServer() {
        source.close();
        server.close();
    }

    private static List<ConsumerRecord<byte[], byte[]>> drain(ReplayBuilder builder) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (Replay replay = builder.start()) {
            replay.forEach(records::add);
        }
        return records;
    }

    private static List<Long> offsets(List<ConsumerRecord<byte[], byte[]>> records, TopicPartition partition) {
        return records.stream()
                .filter(record -> record.partition() == partition.partition())
                .map(ConsumerRecord::offset)
                .toList();
    }

    private static List<Long> upTo(long end) {
        return java.util.stream.LongStream.range(0, end).boxed().toList();
    }

    private void liveRecords(long from, long to) {
        for (long offset = from; offset < to; offset++) {
            live.add(FIRST, offset, 1_000 + offset);
            live.add(SECOND, offset, 1_000 + offset);
        }
    }

    @Test
    void readsHistoryThroughLinks() {
        List<ConsumerRecord<byte[], byte[]>> records = drain(Replay.from(source).topics("flights"));

        assertThat(offsets(records, FIRST)).isEqualTo(upTo(100));
        assertThat(offsets(records, SECOND)).isEqualTo(upTo(100));
        assertThat(live.followedFrom).isEmpty();
    }

    @Test
    void goesOnInTheLiveLogAtTheExactNextOffset() {
        liveEnd = 130;
        liveRecords(90, 140);

        List<ConsumerRecord<byte[], byte[]>> records = drain(Replay.from(source).topics("flights"));

        assertThat(offsets(records, FIRST)).isEqualTo(upTo(130));
        assertThat(offsets(records, SECOND)).isEqualTo(upTo(130));
        assertThat(live.followedFrom).containsEntry(FIRST, 100L).containsEntry(SECOND, 100L);
        assertThat(live.closed).isTrue();
    }

    @Test
    void mergesByTimeAcrossBucketAndLiveLog() {
        liveEnd = 130;
        liveRecords(100, 140);
        flights.partition(1).segment(3, 30, 1_100, 10);

        List<ConsumerRecord<byte[], byte[]>> records =
                drain(Replay.from(source).topics("flights").orderedByTime());

        assertThat(records).hasSize(260);
        assertThat(records.stream().map(ConsumerRecord::timestamp)).isSorted();
    }

    @Test
    void thenFollowsWithoutGapOrDuplicate() {
        liveEnd = 120;
        liveRecords(100, 150);
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (Replay replay = Replay.from(source)
                .topics("flights")
                .orderedByTime()
                .thenFollow()
                .start()) {
            while (records.size() < 300) {
                ConsumerRecord<byte[], byte[]> record = replay.poll(Duration.ofSeconds(10));
                assertThat(record).isNotNull();
                records.add(record);
                if (records.size() == 290) {
                    assertThat(replay.isOver()).isFalse();
                }
            }
            liveRecords(150, 160);
            while (records.size() < 320) {
                records.add(replay.poll(Duration.ofSeconds(10)));
            }
            assertThat(replay.poll(Duration.ofMillis(1))).isNull();
        }

        assertThat(offsets(records, FIRST)).isEqualTo(upTo(160));
        assertThat(offsets(records, SECOND)).isEqualTo(upTo(160));
    }

    @Test
    void asksAgainWhenLinksExpireAtOneRecordPerSecond() {
        source.close();
        server.close();
        flights.partition(0).segment(1, 8, 2_000, 20_000);
        liveEnd = 108;
        open(Duration.ofSeconds(2));

        List<ConsumerRecord<byte[], byte[]>> records = drain(Replay.from(source)
                .partitions("flights", 0)
                .from(Bound.offset(100))
                .prefetchBytes(1)
                .pace(Pace.recordsPerSecond(1)));

        assertThat(offsets(records, FIRST)).containsExactly(100L, 101L, 102L, 103L, 104L, 105L, 106L, 107L);
        assertThat(server.expired.get()).isPositive();
    }

    @Test
    void survivesAnOverloadedServer() {
        server.failuresToGive.set(3);

        assertThat(drain(Replay.from(source).partitions("flights", 1))).hasSize(100);
    }

    @Test
    void aFlippedByteIsNamedThroughLinksToo() {
        var range = flights.partition(1)
                .tree()
                .page(0, 1)
                .toCompletableFuture()
                .join()
                .get(0);
        BucketFixture.flip(bucket.path(range.key()), 3_000);

        assertThatThrownBy(() -> drain(Replay.from(source).topics("flights")))
                .isInstanceOf(CorruptObjectException.class)
                .hasMessageContaining(range.key())
                .hasMessageContaining("block 0")
                .hasMessageContaining("offset");
    }

    @Test
    void aMissingObjectIsNamed() throws Exception {
        var range = flights.partition(1)
                .tree()
                .page(0, 1)
                .toCompletableFuture()
                .join()
                .get(0);
        Files.delete(bucket.path(range.key()));

        assertThatThrownBy(() -> drain(Replay.from(source).topics("flights")))
                .isInstanceOf(CorruptObjectException.class)
                .hasMessageContaining(range.key());
    }

    @Test
    void aShorterObjectIsNamed() throws Exception {
        var range = flights.partition(1)
                .tree()
                .page(0, 1)
                .toCompletableFuture()
                .join()
                .get(0);
        Path file = bucket.path(range.key());
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length - 3));

        assertThatThrownBy(() -> new Verify(source, report -> {}).topic("flights"))
                .isInstanceOf(CorruptObjectException.class)
                .hasMessageContaining(range.key());
        assertThatThrownBy(() -> drain(Replay.from(source).topics("flights")))
                .isInstanceOf(CorruptObjectException.class)
                .hasMessageContaining(range.key());
    }

    @Test
    void verifiesThroughLinks() throws Exception {
        assertThat(new Verify(source, report -> {}).topic("flights").objects()).isEqualTo(3);

        Path root = bucket.path(flights.partition(0).keys.root(1, 0));
        Files.writeString(root, "not a root", StandardCharsets.UTF_8);

        assertThatThrownBy(() -> new Verify(source, report -> {}).topic("flights"))
                .isInstanceOf(CorruptObjectException.class)
                .hasMessageContaining("roots/");
    }

    @Test
    void aDamagedManifestThatTheServerFindsIsNamed() {
        String root = flights.partition(1).keys.root(1, 0);
        BucketFixture.flip(bucket.path(root), 40);

        assertThatThrownBy(() -> drain(Replay.from(source).topics("flights")))
                .isInstanceOf(CorruptObjectException.class)
                .hasMessageContaining(root);
    }

    @Test
    void saysThatNoNodeAnswers() {
        server.close();

        assertThatThrownBy(() -> drain(Replay.from(source).topics("flights"))).isInstanceOf(HistoryException.class);
    }
}
