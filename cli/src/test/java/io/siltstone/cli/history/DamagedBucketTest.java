package io.siltstone.cli.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.siltstone.cli.CommandRun;
import io.siltstone.cli.SharedCluster;
import io.siltstone.cli.Siltstone;
import io.siltstone.format.segment.BlockEntry;
import io.siltstone.format.segment.Section;
import io.siltstone.format.segment.SegmentObjectFormat;
import io.siltstone.format.segment.SegmentObjectReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/**
 * Whatever is changed, swapped or taken away in the bucket, the commands that read history say where and end with 1. The
 * places of flipped bits follow from the seed: {@code -Dsiltstone.seed=N} chooses another than {@value #SEED}.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class DamagedBucketTest {
    private static final long SEED = 20_261_121;
    private static final int FLIPS_PER_PLACE = 2;
    private static final String TOPIC = "flights";
    private static final int PARTITIONS = 2;
    private static final Pattern PLACE =
            Pattern.compile("object (\\S+?)(?:, block (\\d+))?(?:, offset (\\d+))?: \\S.*", Pattern.DOTALL);

    @RegisterExtension
    static final SharedCluster CLUSTER = new SharedCluster();

    @BeforeAll
    static void fillTheBucket() throws Exception {
        String bootstrap = CLUSTER.bootstrapServers();
        run("topics", "create", TOPIC, "--bootstrap", bootstrap, "--partitions", "1");
        sealedSegments(bootstrap, 1, 1);
        describeAgain(bootstrap);
        // more ranges than a root holds, so that there are nodes, and then some that only older roots name
        sealedSegments(bootstrap, PARTITIONS, 18);
        sealedSegments(bootstrap, PARTITIONS, 17);
    }

    static Stream<Arguments> damages() throws IOException {
        Random random = new Random(Long.getLong("siltstone.seed", SEED));
        List<Damage> damages = new ArrayList<>();
        for (int i = 0; i < FLIPS_PER_PLACE; i++) {
            damages.addAll(flipsOfSegments(random));
            for (String kind : List.of("nodes", "roots", "topic")) {
                for (String key : firstAndLast(keys(kind))) {
                    damages.add(flip(random, kind, key, 0, size(key), null));
                }
            }
        }
        damages.addAll(swaps());
        damages.addAll(removals());
        return damages.stream()
                .flatMap(damage -> Stream.of("--bucket", "--bootstrap")
                        .flatMap(source ->
                                Stream.of("verify", "replay").map(command -> arguments(command, source, damage))));
    }

    @ParameterizedTest
    @MethodSource("damages")
    void namesThePlaceAndEndsWithOne(String command, String source, Damage damage) throws IOException {
        String address = source.equals("--bucket") ? bucket().toUri().toString() : CLUSTER.bootstrapServers();
        damage.act().in(bucket());

        CommandRun run;
        try {
            run = CommandRun.of(quiet(), command, TOPIC, source, address);
        } finally {
            damage.undo().in(bucket());
        }

        assertThat(run.exit()).isEqualTo(1);
        Matcher place = PLACE.matcher(run.err().replaceFirst("^siltstone: ", ""));
        assertThat(place.matches()).as(run.err()).isTrue();
        assertThat(damage.keys()).contains(place.group(1));
        if (place.group(1).contains("/segments/")) {
            assertThat(place.group(3)).as("the offset in: " + run.err()).isNotNull();
        }
        Damage.Block block = damage.block();
        if (block != null) {
            assertThat(place.group(2)).isEqualTo(String.valueOf(block.number()));
            assertThat(Long.parseLong(place.group(3))).isBetween(block.baseOffset(), block.endOffset() - 1);
        }
    }

    @ParameterizedTest
    @MethodSource("sources")
    void findsNoFaultWhereThereIsNone(String command, String source) {
        String address = source.equals("--bucket") ? bucket().toUri().toString() : CLUSTER.bootstrapServers();

        CommandRun run = CommandRun.of(quiet(), command, TOPIC, source, address);

        assertThat(run.exit()).as(run.err()).isZero();
    }

    static Stream<Arguments> sources() {
        return Stream.of("--bucket", "--bootstrap")
                .flatMap(source -> Stream.of("verify", "replay").map(command -> arguments(command, source)));
    }

    private static List<Damage> flipsOfSegments(Random random) throws IOException {
        List<String> segments = keys("segments");
        String key = segments.get(random.nextInt(segments.size()));
        long size = size(key);
        SegmentObjectReader object =
                SegmentObjectReader.open(key, size, ByteBuffer.wrap(Files.readAllBytes(bucket().resolve(key))));
        List<BlockEntry> blocks = object.index().blocks();
        BlockEntry block = blocks.get(random.nextInt(blocks.size()));
        long footer = size - SegmentObjectFormat.FOOTER_BYTES;
        Section snapshot = Objects.requireNonNull(object.index().producerSnapshot());
        long index = snapshot.position() + snapshot.length();
        return List.of(
                flip(random, "header", key, 0, SegmentObjectFormat.HEADER_BYTES, null),
                flip(
                        random,
                        "block",
                        key,
                        block.position(),
                        block.position() + block.length(),
                        new Damage.Block(block.number(), block.baseOffset(), block.endOffset())),
                flip(random, "producer snapshot", key, snapshot.position(), index, null),
                flip(random, "index", key, index, footer, null),
                flip(random, "footer", key, footer, size, null));
    }

    private static Damage flip(
            Random random, String kind, String key, long from, long to, Damage.@Nullable Block block) {
        return Damage.flip(kind, key, random.nextLong(from, to), random.nextInt(Byte.SIZE), block);
    }

    private static List<Damage> swaps() throws IOException {
        List<String> segments = keys("segments");
        String first = segments.stream()
                .filter(key -> twin(key, segments).isPresent())
                .findFirst()
                .orElseThrow();
        String twin = twin(first, segments).orElseThrow();
        String stranger = segments.stream()
                .filter(key -> !partition(key).equals(partition(first)))
                .findFirst()
                .orElseThrow();
        List<Damage> swaps = new ArrayList<>();
        swaps.add(Damage.swap("segments of one partition and size", first, twin));
        swaps.add(Damage.swap("segments of two partitions", first, stranger));
        for (String kind : List.of("nodes", "roots", "topic")) {
            List<String> ends = firstAndLast(keys(kind));
            swaps.add(Damage.swap(kind, ends.get(0), ends.get(1)));
        }
        return swaps;
    }

    /** Another segment of the same partition and size. */
    private static Optional<String> twin(String key, List<String> segments) {
        return segments.stream()
                .filter(other ->
                        !other.equals(key) && partition(other).equals(partition(key)) && size(other) == size(key))
                .findFirst();
    }

    private static List<Damage> removals() throws IOException {
        List<String> removed = new ArrayList<>(firstAndLast(keys("segments")));
        List<String> nodes = keys("nodes");
        removed.add(nodes.get(nodes.size() - 1));
        List<String> roots = keys("roots");
        removed.add(roots.get(0));
        removed.add(keys("topic").get(0));
        List<Damage> removals = new ArrayList<>();
        removed.forEach(key -> removals.add(Damage.remove("object", List.of(key), Set.of(key))));
        String newest = roots.get(roots.size() - 1);
        List<String> last = ofPartition(PARTITIONS - 1, keys("segments"));
        removals.add(Damage.remove("newest root", List.of(newest), Set.of(newest, last.get(last.size() - 1))));
        List<String> chain = ofPartition(PARTITIONS - 1, roots);
        removals.add(Damage.remove("all roots", chain, Set.of(newest, last.get(0))));
        List<String> descriptions = keys("topic");
        String grown = descriptions.get(descriptions.size() - 1);
        removals.add(Damage.remove("newest description", List.of(grown), Set.of(grown)));
        return removals;
    }

    private static List<String> ofPartition(int partition, List<String> keys) {
        return keys.stream()
                .filter(key -> partition(key).equals(String.valueOf(partition)))
                .toList();
    }

    private static CommandLine quiet() {
        CommandLine command = Siltstone.commandLine();
        CommandLine replay = Objects.requireNonNull(command.getSubcommands().get("replay"));
        replay.<ReplayCommand>getCommand().writeTo(OutputStream.nullOutputStream());
        return command;
    }

    /** Keys of the topic's objects of that kind, in order. */
    private static List<String> keys(String kind) throws IOException {
        List<String> all;
        try (Stream<Path> files = Files.walk(bucket())) {
            all = files.filter(Files::isRegularFile)
                    .map(file -> bucket().relativize(file).toString())
                    .sorted()
                    .toList();
        }
        List<String> keys = all.stream()
                .filter(key -> key.contains("/" + kind + "/") && key.startsWith(topicFolder(all)))
                .toList();
        assertThat(keys).as(kind).hasSizeGreaterThan(1);
        return keys;
    }

    /** The cluster's and the topic's: no other topic has segments in the bucket. */
    private static String topicFolder(List<String> keys) {
        String segment = keys.stream()
                .filter(key -> key.contains("/segments/"))
                .findFirst()
                .orElseThrow();
        return segment.substring(0, segment.indexOf('/', segment.indexOf('/') + 1) + 1);
    }

    private static List<String> firstAndLast(List<String> keys) {
        return List.of(keys.get(0), keys.get(keys.size() - 1));
    }

    private static String partition(String key) {
        return key.split("/", -1)[2];
    }

    private static long size(String key) {
        try {
            return Files.size(bucket().resolve(key));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void sealedSegments(String bootstrap, int partitions, int count) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrap), new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int i = 0; i < count; i++) {
                for (int partition = 0; partition < partitions; partition++) {
                    producer.send(new ProducerRecord<>(TOPIC, partition, new byte[8], new byte[200]))
                            .get();
                }
                run("seal", TOPIC, "--bootstrap", bootstrap);
            }
        }
        run("seal", TOPIC, "--bootstrap", bootstrap, "--wait");
    }

    /** A change of the topic's configs, then of its partitions, which the bucket's description follows. */
    private static void describeAgain(String bootstrap) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, TOPIC);
            AlterConfigOp change = new AlterConfigOp(new ConfigEntry("retention.ms", "-1"), AlterConfigOp.OpType.SET);
            admin.incrementalAlterConfigs(Map.of(topic, List.of(change))).all().get();
            admin.createPartitions(Map.of(TOPIC, NewPartitions.increaseTo(PARTITIONS)))
                    .all()
                    .get();
        }
    }

    private static void run(String... args) {
        CommandRun run = CommandRun.of(args);
        assertThat(run.exit()).as(run.err()).isZero();
    }

    private static Path bucket() {
        return CLUSTER.bucket();
    }
}
