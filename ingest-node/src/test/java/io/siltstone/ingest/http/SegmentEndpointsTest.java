package io.siltstone.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.siltstone.format.EpochStart;
import io.siltstone.format.manifest.ManifestRange;
import io.siltstone.ingest.cluster.OwningNode;
import io.siltstone.log.DiskId;
import io.siltstone.log.chain.ChainSegment;
import io.siltstone.log.chain.PartitionState;
import io.siltstone.log.chain.Quorum;
import io.siltstone.log.chain.SegmentEnd;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SegmentEndpointsTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http = HttpClient.newHttpClient();
    private final OwningNode node = new OwningNode();
    private final NodeHttpServer server = NodeHttpServer.start(
            new HttpSettings("127.0.0.1", 0, Duration.ofMinutes(1)),
            new NodeHttpServer.Content(
                    new PrometheusMeterRegistry(PrometheusConfig.DEFAULT),
                    Optional::empty,
                    node.cluster(),
                    (partition, pointer) -> CompletableFuture.failedFuture(new IllegalStateException("no bucket")),
                    topic -> CompletableFuture.completedFuture(Optional.empty())),
            new NodeHttpServer.Links.OfStore((key, life) -> {
                throw new IllegalStateException("no bucket");
            }),
            Optional.of(new NodeHttpServer.Segments(
                    node.partitions(), partition -> CompletableFuture.completedFuture(Map.of()))));

    @AfterEach
    void stop() {
        server.close();
        node.close();
    }

    @Test
    void tellsOfOpenPartitionsAndNamesThoseThatAreBeingTakenOver() throws Exception {
        node.holdTakeovers(1);
        node.open("stones", 2);

        HttpResponse<String> answer = get("/v1/topics/stones/segments");

        assertThat(answer.statusCode()).isEqualTo(200);
        JsonNode told = JSON.readTree(answer.body());
        assertThat(told.path("segments").findValuesAsText("partition")).containsExactly("0");
        assertThat(told.path("segments").path(0).path("state").asText()).isEqualTo("open");
        assertThat(told.path("notOpen").toString()).isEqualTo("[1]");
    }

    @Test
    void tellsOfThePartitionsThatItIsAskedFor() throws Exception {
        node.holdTakeovers(1);
        node.open("stones", 2);

        JsonNode told = JSON.readTree(
                get("/v1/topics/stones/segments?partition=1&partition=7").body());

        assertThat(told.path("segments")).isEmpty();
        assertThat(told.path("notOpen").toString()).isEqualTo("[1]");
        assertThat(get("/v1/topics/stones/segments?partition=x").statusCode()).isEqualTo(400);
    }

    @Test
    void namesTheDisksOfASegmentThatIsInTheBucketAndNotTrimmedYet() {
        DiskId one = new DiskId(new UUID(0, 1));
        DiskId two = new DiskId(new UUID(0, 2));
        ChainSegment closed = new ChainSegment.Closed(
                4, 10, 0, new Quorum(2, 2), List.of(one, two), 0, new SegmentEnd(3, 20, 0, 10), List.of());
        PartitionState state = new PartitionState(0, null, null, List.of(closed), null, 0, 5, 4);
        List<ManifestRange> ranges = List.of(range("before", 3, 0, 10), range("object", 4, 10, 20));

        List<ObjectNode> told =
                SegmentEndpoints.lines(7, new SegmentEndpoints.Standing(state, 20), Map.of(4L, 100L), ranges);

        assertThat(told).extracting(line -> line.path("state").asText()).containsExactly("tiered", "closed");
        assertThat(told).extracting(line -> line.path("hotBytes").asLong()).containsExactly(0L, 100L);
        assertThat(told).extracting(line -> line.path("object").asText()).containsExactly("before", "object");
        assertThat(told.get(0).path("ensemble")).isEmpty();
        assertThat(told.get(1).path("ensemble"))
                .extracting(JsonNode::asText)
                .containsExactly(one.toString(), two.toString());
    }

    private static ManifestRange range(String key, long segment, long baseOffset, long endOffset) {
        List<EpochStart> epochs = List.of(new EpochStart(0, baseOffset));
        return new ManifestRange(
                key, 50, "0".repeat(64), baseOffset, endOffset, epochs, 0, 0, baseOffset, segment, segment, 40, 0, -1);
    }

    private HttpResponse<String> get(String pathAndQuery) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + server.port() + pathAndQuery);
        return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
    }
}
