package io.siltstone.cli.topics;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.config.ConfigResource;

/**
 * Asks the ingest nodes over HTTP what the Kafka protocol has no words for. Finds them through the Kafka bootstrap
 * address; each answers for the partitions that it owns.
 */
public final class IngestHttp {
    private static final String ADDRESS = "siltstone.http.address";
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Admin admin;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    /** The client stays the caller's. */
    public IngestHttp(Admin admin) {
        this.admin = admin;
    }

    /** Every segment of the topic, by partition and offset. */
    public List<SegmentLine> segments(String topic) throws InterruptedException {
        List<SegmentLine> all = new ArrayList<>();
        for (URI node : nodes()) {
            HttpRequest request = request(node, topic, "segments").GET().build();
            try {
                all.addAll(JSON.readValue(send(request), new TypeReference<List<SegmentLine>>() {}));
            } catch (IOException e) {
                throw new IllegalStateException(node + " did not answer with segments: " + e.getMessage(), e);
            }
        }
        if (all.isEmpty()) {
            checkExists(topic);
        }
        all.sort(Comparator.comparingInt(SegmentLine::partition).thenComparingLong(SegmentLine::baseOffset));
        return all;
    }

    /** Closes the topic's open segments that hold records. */
    public void seal(String topic) throws InterruptedException {
        checkExists(topic);
        for (URI node : nodes()) {
            send(request(node, topic, "seal")
                    .POST(HttpRequest.BodyPublishers.noBody())
                    .build());
        }
    }

    private void checkExists(String topic) throws InterruptedException {
        try {
            admin.describeTopics(List.of(topic)).allTopicNames().get();
        } catch (ExecutionException e) {
            String why = String.valueOf(
                    e.getCause() == null ? e.getMessage() : e.getCause().getMessage());
            throw new IllegalStateException("topic " + topic + ": " + why, e);
        }
    }

    private static HttpRequest.Builder request(URI node, String topic, String what) {
        String name = URLEncoder.encode(topic, StandardCharsets.UTF_8);
        return HttpRequest.newBuilder(node.resolve("/v1/topics/" + name + "/" + what))
                .timeout(TIMEOUT);
    }

    private String send(HttpRequest request) throws InterruptedException {
        try {
            HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() / 100 != 2) {
                throw new IllegalStateException(
                        request.uri() + " answered " + response.statusCode() + ": " + message(response.body()));
            }
            return response.body();
        } catch (ConnectException e) {
            throw new IllegalStateException("no connection to the ingest node at " + request.uri(), e);
        } catch (IOException e) {
            throw new IllegalStateException(request.uri() + " did not answer: " + e, e);
        }
    }

    /** What an answer that says no tells people. */
    private static String message(String body) {
        try {
            return JSON.readTree(body).path("message").asText(body.strip());
        } catch (JsonProcessingException e) {
            return body.strip();
        }
    }

    private List<URI> nodes() throws InterruptedException {
        try {
            List<URI> addresses = new ArrayList<>();
            for (Node node : admin.describeCluster().nodes().get()) {
                ConfigResource resource = new ConfigResource(ConfigResource.Type.BROKER, node.idString());
                Config config =
                        admin.describeConfigs(List.of(resource)).all().get().get(resource);
                ConfigEntry entry = config == null ? null : config.get(ADDRESS);
                if (entry == null || entry.value() == null) {
                    throw new IllegalStateException(
                            "node " + node.idString() + " does not tell " + ADDRESS + ": is this Siltstone?");
                }
                addresses.add(URI.create(entry.value()));
            }
            return addresses;
        } catch (ExecutionException e) {
            throw new IllegalStateException("the cluster did not tell its nodes: " + e.getCause(), e);
        }
    }
}
