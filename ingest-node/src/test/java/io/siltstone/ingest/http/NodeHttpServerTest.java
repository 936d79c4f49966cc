package io.siltstone.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.buffer.Unpooled;
import io.siltstone.format.BucketKeys;
import io.siltstone.format.TopicObject;
import io.siltstone.format.manifest.ManifestRange;
import io.siltstone.format.segment.SegmentObjectReader;
import io.siltstone.tiering.history.HistoryReader;
import io.siltstone.tiering.history.HistorySettings;
import io.siltstone.tiering.store.DirectoryObjectStore;
import io.siltstone.tiering.store.SignedLinks;
import io.siltstone.tiering.upload.TopicDescriptions;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeHttpServerTest {

    private static final BucketKeys KEYS = new BucketKeys("test");
    private static final byte[] SECRET = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.UTF_8);
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    private final HttpClient http = HttpClient.newHttpClient();
    private final PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private DirectoryObjectStore store;
    private HistoryReader history;
    private StoredTopic topic;
    private NodeHttpServer server;
    private Optional<String> notReady = Optional.empty();

    @BeforeEach
    void start() {
        store = new DirectoryObjectStore(folder);
        topic = new StoredTopic(store);
        topic.add(1_000);
        topic.add(2_000);
        topic.add(3_000);
        history = new HistoryReader(store, KEYS, HistorySettings.LOCAL);
        // links lead to a base that the test replaces by the port that the server was given
        SignedLinks links = new SignedLinks(URI.create("http://node/v1/objects/"), SECRET, Clock.systemUTC());
        server = NodeHttpServer.start(
                new HttpSettings("127.0.0.1", 0, Duration.ofMinutes(1)),
                new NodeHttpServer.Content(
                        metrics,
                        () -> notReady,
                        topic,
                        history::manifest,
                        id -> TopicDescriptions.newestKey(store, KEYS, id)),
                new NodeHttpServer.Links.OfNode(links, store),
                Optional.empty());
    }

    @AfterEach
    void stop() {
        server.close();
        history.close();
        store.close();
    }

    private URI uri(String pathAndQuery) {
        return URI.create("http://127.0.0.1:" + server.port() + pathAndQuery);
    }

    private HttpResponse<byte[]> get(URI uri, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), BodyHandlers.ofByteArray());
    }

    private JsonNode json(String pathAndQuery) throws IOException, InterruptedException {
        HttpResponse<byte[]> response = get(uri(pathAndQuery));
        assertThat(response.statusCode()).isEqualTo(200);
        return JSON.readTree(response.body());
    }

    private int status(String pathAndQuery) throws IOException, InterruptedException {
        return get(uri(pathAndQuery)).statusCode();
    }

    private URI here(String link) {
        return URI.create(link.replace("http://node", "http://127.0.0.1:" + server.port()));
    }

    @Test
    void tellsTopics() throws Exception {
        JsonNode answer = json("/v1/topics");

        assertThat(answer.path("cluster").asText()).isEqualTo("test");
        assertThat(answer.path("topics").path(0).path("name").asText()).isEqualTo("flights");
        assertThat(answer.path("topics").path(0).path("id").asText()).isEqualTo(StoredTopic.ID.toString());
        assertThat(answer.path("topics").path(0).path("partitions").asInt()).isEqualTo(2);
    }

    @Test
    void tellsHistoryPageByPage() throws Exception {
        JsonNode first = json("/v1/topics/flights/partitions/0/history?offset=3&limit=2");
        JsonNode second = json("/v1/topics/flights/partitions/0/history?offset=20&limit=2");

        assertThat(first.path("endOffset").asLong()).isEqualTo(30);
        assertThat(first.path("logStart").asLong()).isZero();
        assertThat(first.path("more").asBoolean()).isTrue();
        assertThat(first.path("ranges").findValuesAsText("baseOffset")).containsExactly("0", "10");
        assertThat(first.path("root").path("key").asText()).contains("/roots/");
        assertThat(second.path("ranges").findValuesAsText("baseOffset")).containsExactly("20");
        assertThat(second.path("more").asBoolean()).isFalse();
        ManifestRange range = topic.ranges.get(2);
        JsonNode told = second.path("ranges").path(0);
        assertThat(told.path("key").asText()).isEqualTo(range.key());
        assertThat(told.path("sha256").asText()).isEqualTo(range.sha256());
        assertThat(told.path("indexPosition").asLong()).isEqualTo(range.indexPosition());
        assertThat(told.path("indexCrc32c").asInt()).isEqualTo(range.indexCrc32c());
        assertThat(told.path("epochs").path(0).path("epoch").asInt()).isEqualTo(1);
    }

    @Test
    void findsHistoryByTime() throws Exception {
        JsonNode answer = json("/v1/topics/flights/partitions/0/history?timestamp=1500");

        assertThat(answer.path("ranges").findValuesAsText("baseOffset")).containsExactly("10", "20");
        assertThat(json("/v1/topics/flights/partitions/0/history?timestamp=9000")
                        .path("ranges"))
                .isEmpty();
    }

    @Test
    void tellsNothingBelowTheLogStart() throws Exception {
        topic.startLogAt(12);

        JsonNode answer = json("/v1/topics/flights/partitions/0/history?offset=0");

        assertThat(answer.path("logStart").asLong()).isEqualTo(12);
        assertThat(answer.path("ranges").findValuesAsText("baseOffset")).containsExactly("10", "20");
    }

    @Test
    void aPartitionWithoutHistoryHasNone() throws Exception {
        JsonNode answer = json("/v1/topics/flights/partitions/1/history?offset=0");

        assertThat(answer.path("ranges")).isEmpty();
        assertThat(answer.path("endOffset").asLong()).isZero();
        assertThat(answer.has("root")).isFalse();
    }

    @Test
    void linksLeadToTheBytesInRanges() throws Exception {
        JsonNode told = json("/v1/topics/flights/partitions/0/history?offset=0&limit=1")
                .path("ranges")
                .path(0);
        ManifestRange range = topic.ranges.get(0);

        HttpResponse<byte[]> tail =
                get(here(told.path("url").asText()), "Range", "bytes=" + range.indexPosition() + "-");
        HttpResponse<byte[]> whole = get(here(told.path("url").asText()));

        assertThat(tail.statusCode()).isEqualTo(206);
        assertThat(tail.headers().firstValue("Content-Range"))
                .contains("bytes " + range.indexPosition() + "-" + (range.bytes() - 1) + "/" + range.bytes());
        assertThat(SegmentObjectReader.open(range, ByteBuffer.wrap(tail.body()))
                        .index()
                        .endOffset())
                .isEqualTo(10);
        assertThat(whole.statusCode()).isEqualTo(200);
        assertThat(whole.body()).hasSize((int) range.bytes());
    }

    @Test
    void aRangeBehindTheEndIsRefused() throws Exception {
        String link = json("/v1/topics/flights/partitions/0/history?limit=1")
                .path("ranges")
                .path(0)
                .path("url")
                .asText();

        assertThat(get(here(link), "Range", "bytes=99999999-99999999").statusCode())
                .isEqualTo(416);
    }

    @Test
    void signsALinkToAnyObjectOfThePartition() throws Exception {
        String root = json("/v1/topics/flights/partitions/0/history")
                .path("root")
                .path("key")
                .asText();

        JsonNode link = json("/v1/topics/flights/partitions/0/link?key=" + root);

        assertThat(get(here(link.path("url").asText())).statusCode()).isEqualTo(200);
        assertThat(status("/v1/topics/flights/partitions/1/link?key=" + root)).isEqualTo(400);
        assertThat(status("/v1/topics/flights/partitions/0/link?key=other/secret"))
                .isEqualTo(400);
    }

    @Test
    void tellsTheNewestDescriptionOfATopicAndLinksToIt() throws Exception {
        assertThat(json("/v1/topics/flights/description").has("key")).isFalse();
        for (int version = 1; version <= 2; version++) {
            TopicObject description = new TopicObject(StoredTopic.ID, "flights", 2, Map.of(), 0, version);
            store.putIfAbsent(
                            KEYS.topicDescription(StoredTopic.ID, version),
                            Unpooled.wrappedBuffer(description.encode()))
                    .join();
        }

        String key = json("/v1/topics/flights/description").path("key").asText();
        JsonNode link = json("/v1/topics/flights/partitions/0/link?key=" + key);

        assertThat(key).isEqualTo(KEYS.topicDescription(StoredTopic.ID, 2));
        assertThat(get(here(link.path("url").asText())).statusCode()).isEqualTo(200);
        assertThat(status("/v1/topics/nothing/description")).isEqualTo(404);
    }

    @Test
    void refusesLinksThatExpiredOrWereNotSignedHere() throws Exception {
        String key = topic.ranges.get(0).key();
        Clock past = Clock.fixed(Instant.now().minusSeconds(10), ZoneOffset.UTC);
        String expired = new SignedLinks(uri("/v1/objects/"), SECRET, past)
                .signedUrl(key, Duration.ofSeconds(2))
                .toString();
        String foreign = new SignedLinks(uri("/v1/objects/"), new byte[32], Clock.systemUTC())
                .signedUrl(key, Duration.ofMinutes(1))
                .toString();

        assertThat(get(URI.create(expired)).statusCode()).isEqualTo(403);
        assertThat(get(URI.create(foreign)).statusCode()).isEqualTo(403);
        assertThat(status("/v1/objects/" + key)).isEqualTo(403);
    }

    @Test
    void honoursLinksThatAnotherNodeSigned() throws Exception {
        URI link = new SignedLinks(uri("/v1/objects/"), SECRET, Clock.systemUTC())
                .signedUrl(topic.ranges.get(1).key(), Duration.ofMinutes(1));

        assertThat(get(link).statusCode()).isEqualTo(200);
    }

    @Test
    void namesTheDamagedObject() throws Exception {
        String root = json("/v1/topics/flights/partitions/0/history")
                .path("root")
                .path("key")
                .asText();
        topic.add(4_000);
        String newest = root.replace("0000000002", "0000000003");
        byte[] bytes = Files.readAllBytes(folder.resolve(newest));
        bytes[40] ^= 1;
        Files.write(folder.resolve(newest), bytes);

        HttpResponse<byte[]> answer = get(uri("/v1/topics/flights/partitions/0/history"));

        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(JSON.readTree(answer.body()).path("object").asText()).isEqualTo(newest);
    }

    @Test
    void refusesWhatIsNotThere() throws Exception {
        assertThat(status("/v1/topics/nothing/partitions/0/history")).isEqualTo(404);
        assertThat(status("/v1/topics/flights/partitions/2/history")).isEqualTo(404);
        assertThat(status("/v1/topics/flights/partitions/x/history")).isEqualTo(400);
        assertThat(status("/v1/topics/flights/partitions/0/history?offset=x")).isEqualTo(400);
    }

    @Test
    void tellsHealthReadinessAndMetrics() throws Exception {
        metrics.counter("siltstone.test.requests").increment(7);

        assertThat(status("/health")).isEqualTo(200);
        assertThat(status("/ready")).isEqualTo(200);
        assertThat(new String(get(uri("/metrics")).body(), StandardCharsets.UTF_8))
                .contains("siltstone_test_requests_total 7.0");
        notReady = Optional.of("no ZooKeeper session");
        HttpResponse<byte[]> ready = get(uri("/ready"));
        assertThat(ready.statusCode()).isEqualTo(503);
        assertThat(new String(ready.body(), StandardCharsets.UTF_8)).contains("no ZooKeeper session");
    }
}
