package io.siltstone.cli.demo;

import io.siltstone.cli.cluster.ClusterSettings;
import io.siltstone.cli.cluster.ProcessCluster;
import io.siltstone.cli.input.InputFile;
import io.siltstone.cli.input.InputRecord;
import io.siltstone.cli.input.RecordReader;
import io.siltstone.cli.topics.IngestHttp;
import io.siltstone.cli.topics.Sealing;
import io.siltstone.cli.topics.TopicSegments;
import io.siltstone.client.Replay;
import io.siltstone.client.source.KafkaSource;
import io.siltstone.format.BucketKeys;
import io.siltstone.tiering.store.ObjectStore;
import io.siltstone.tiering.store.ObjectStores;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import me.tongfei.progressbar.ProgressBar;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;

/**
 * One run of the demo: produce, kill, tier, replay, compare. Runs on its caller's thread; the faults and the two groups
 * have threads of their own.
 */
final class Demo {
    private static final Duration TIER_TIMEOUT = Duration.ofMinutes(5);
    private static final long JOURNAL_FILE_BYTES = 32L << 20;
    private static final long CONSUME_TIMEOUT_MS = 120_000;

    private final DemoSettings settings;
    private final DemoProgress progress;
    private final Path ledgers;
    private final PauseMeter pauses;
    private final ProcessCluster cluster;

    /** @param ledgers folder for the files of the comparison */
    Demo(DemoSettings settings, Path ledgers, DemoProgress progress) {
        this.settings = settings;
        this.ledgers = ledgers;
        this.progress = progress;
        this.pauses = new PauseMeter(settings.partitions());
        this.cluster = new ProcessCluster(
                settings.dir(),
                new ClusterSettings(
                                settings.storageNodes(),
                                settings.ingestNodes(),
                                settings.kafkaPort(),
                                settings.bucket(),
                                settings.bucketOptions(),
                                ClusterSettings.load(settings.dir())
                                        .map(ClusterSettings::ports)
                                        .orElse(Map.of()))
                        .withStorageOptions(storageOptions(settings.dir())));
    }

    /** Runs the whole story; the cluster is stopped at the end, whatever happens. */
    DemoReport run() throws Exception {
        long total = count();
        progress.say(String.format("%,d records in %s", total, settings.input()));
        try {
            progress.say(String.format(
                    "starting %d storage nodes and %d ingest nodes in %s",
                    settings.storageNodes(), settings.ingestNodes(), settings.dir()));
            cluster.start();
            return stream(total);
        } finally {
            progress.say("stopping the cluster");
            cluster.stop();
        }
    }

    /** Kills the cluster at once, while {@link #run} may be under way on its own thread, and then fails. */
    void end() throws InterruptedException {
        cluster.end();
    }

    private DemoReport stream(long total) throws Exception {
        String bootstrap = cluster.settings().bootstrap();
        try (Admin admin = admin(bootstrap)) {
            admin.createTopics(List.of(
                            new NewTopic(settings.topic(), Optional.of(settings.partitions()), Optional.empty())))
                    .all()
                    .get();
            Ledger acknowledged = ledger("acknowledged");
            Ledger classic = ledger("group-classic");
            Ledger modern = ledger("group-consumer");
            IngestHttp http = new IngestHttp(admin);
            Live live;
            HotBytes hot;
            try (HotBytesWatch watch = new HotBytesWatch(http, settings.topic())) {
                live = live(bootstrap, total, acknowledged, classic, modern);
                hot = tier(http, watch);
            }
            BucketUse use = bucketUse(admin);
            Ledger replayed = ledger("replayed");
            double mbPerSecond = replay(bootstrap, acknowledged.records(), replayed);
            progress.say("comparing record by record");
            Comparison difference = Comparison.of(acknowledged, classic)
                    .plus(Comparison.of(acknowledged, modern))
                    .plus(Comparison.of(acknowledged, replayed))
                    .plus(new Comparison(acknowledged.repeated(), Fault.NONE, acknowledged.outOfOrder()));
            Map<String, Long> consumed = new LinkedHashMap<>();
            consumed.put("classic", classic.records());
            consumed.put("consumer", modern.records());
            return new DemoReport(
                    live.produced(),
                    live.acknowledged(),
                    consumed,
                    replayed.records(),
                    difference.missing().count(),
                    difference.duplicated().count(),
                    difference.outOfOrder().count(),
                    live.batchBytes(),
                    use.bytes(),
                    use.objects(),
                    hot.before(),
                    hot.after(),
                    hot.onlyOpen(),
                    Math.round(mbPerSecond * 10) / 10.0,
                    live.pauses(),
                    difference.firstPlaces());
        }
    }

    /** Produces everything, with the faults in the middle and both groups reading, until the groups have read it all. */
    private Live live(String bootstrap, long total, Ledger acknowledged, Ledger classic, Ledger modern)
            throws Exception {
        double rate = settings.rateFor(total);
        progress.say(String.format("producing at %,.0f records per second, two groups read along", rate));
        ExecutorService faultThread = Executors.newSingleThreadExecutor();
        try (Admin admin = admin(bootstrap);
                Feed feed = new Feed(bootstrap, settings.topic(), rate, Faults.firstGate(total), acknowledged, pauses);
                GroupReader one = new GroupReader(bootstrap, settings.topic(), "demo-classic", "classic", classic);
                GroupReader two = new GroupReader(bootstrap, settings.topic(), "demo-consumer", "consumer", modern)) {
            WholeCluster whole = new WholeCluster(
                    admin,
                    settings.topic(),
                    Math.min(settings.ingestNodes(), settings.partitions()),
                    List.of(one.group(), two.group()));
            Future<DemoReport.Pauses> faults =
                    faultThread.submit(new Faults(cluster, whole, feed, pauses, total, progress));
            produce(feed, total);
            feed.flush();
            Exception failure = feed.failure();
            if (failure != null) {
                throw new IllegalStateException("a record was not acknowledged: " + failure, failure);
            }
            DemoReport.Pauses longest = result(faults);
            for (GroupReader reader : List.of(one, two)) {
                awaitGroup(reader, total);
            }
            return new Live(feed.sent(), feed.acknowledged(), feed.batchBytes(), longest);
        } finally {
            faultThread.shutdownNow();
        }
    }

    private void produce(Feed feed, long total) throws IOException, InterruptedException {
        try (RecordReader reader = InputFile.open(settings.input(), settings.columns());
                ProgressBar bar = progress.bar("produce", total)) {
            for (InputRecord record = reader.next(); record != null; record = reader.next()) {
                feed.send(record);
                bar.stepTo(feed.sent());
            }
        }
    }

    private void awaitGroup(GroupReader reader, long total) throws InterruptedException {
        boolean all = progress.follow(
                reader.group(), total, () -> Math.max(reader.records(), failed(reader, total)), CONSUME_TIMEOUT_MS);
        Throwable failure = reader.failure();
        if (failure != null) {
            throw new IllegalStateException("group " + reader.group() + " failed: " + failure, failure);
        }
        if (!all) {
            progress.say("group " + reader.group() + " has seen " + reader.records() + " records only");
        }
    }

    private static long failed(GroupReader reader, long total) {
        return reader.failure() == null ? 0 : total;
    }

    private HotBytes tier(IngestHttp http, HotBytesWatch watch) throws InterruptedException {
        progress.say("sealing; waiting until all is in the bucket and trimmed from the storage nodes");
        watch.saw(http.segments(settings.topic()));
        Sealing sealing = new Sealing(http, settings.topic(), TIER_TIMEOUT);
        sealing.seal();
        sealing.await(watch::saw);
        TopicSegments after = http.segments(settings.topic());
        boolean onlyOpen = after.unanswered().partitions().isEmpty()
                && after.lines().stream().allMatch(segment -> segment.open() || segment.hotBytes() == 0);
        return new HotBytes(watch.most(), HotBytesWatch.of(after), onlyOpen);
    }

    private BucketUse bucketUse(Admin admin) throws Exception {
        TopicDescription topic = admin.describeTopics(List.of(settings.topic()))
                .allTopicNames()
                .get()
                .get(settings.topic());
        if (topic == null) {
            throw new IllegalStateException("the cluster has forgotten the topic " + settings.topic());
        }
        UUID id = new UUID(
                topic.topicId().getMostSignificantBits(), topic.topicId().getLeastSignificantBits());
        String cluster = admin.describeCluster().clusterId().get();
        try (ObjectStore bucket = ObjectStores.open(URI.create(settings.bucket()), settings.bucketOptions())) {
            return BucketUse.of(bucket, new BucketKeys(cluster).topicFolder(id));
        }
    }

    private double replay(String bootstrap, long total, Ledger replayed) {
        progress.say("replaying from the bucket");
        RecordHash hash = new RecordHash();
        long begun = System.nanoTime();
        long bytes;
        try (KafkaSource source = KafkaSource.connect(bootstrap);
                ProgressBar bar = progress.bar("replay", total);
                Replay replay = Replay.from(source)
                        .topics(settings.topic())
                        .onProgress(reached -> bar.stepTo(reached.records()))
                        .start()) {
            replay.forEach(record -> replayed.add(
                    record.partition(), record.offset(), hash.of(record.timestamp(), record.key(), record.value())));
            bytes = replay.progress().bytes();
        }
        return bytes / 1e6 / ((System.nanoTime() - begun) / 1e9);
    }

    private long count() throws IOException {
        long records = 0;
        try (RecordReader reader = InputFile.open(settings.input(), settings.columns())) {
            while (reader.next() != null) {
                records++;
            }
        }
        return records;
    }

    private Ledger ledger(String name) {
        return new Ledger(ledgers.resolve(name), settings.partitions());
    }

    /** Those of the cluster that lies there already; a new one gets by with little disk. */
    private static Map<String, String> storageOptions(Path dir) {
        return ClusterSettings.load(dir)
                .map(ClusterSettings::storageOptions)
                .orElse(Map.of("journal.file.bytes", Long.toString(JOURNAL_FILE_BYTES)));
    }

    private static Admin admin(String bootstrap) {
        Properties properties = new Properties();
        properties.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
        return Admin.create(properties);
    }

    private static <T> T result(Future<T> future) throws Exception {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }

    /** What was measured while records were produced. */
    private record Live(long produced, long acknowledged, long batchBytes, DemoReport.Pauses pauses) {}

    /** Most bytes seen on storage nodes, those after tiering, and whether what is left are open segments. */
    private record HotBytes(long before, long after, boolean onlyOpen) {}
}
