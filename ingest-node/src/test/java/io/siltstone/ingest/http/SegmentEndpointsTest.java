package io.siltstone.ingest.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.siltstone.ingest.cluster.OwningNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
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

    private HttpResponse<String> get(String pathAndQuery) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + server.port() + pathAndQuery);
        return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
    }
}
