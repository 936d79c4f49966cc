package io.siltstone.cli.topics;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.config.ConfigResource;

/**
 * Asks the ingest nodes over HTTP what the Kafka protocol has no words for. Finds them through the Kafka bootstrap
 * address; each answers for the partitions that it owns. A node that is not reached, or cannot answer now (5xx),
 * is no error: its partitions are told as unanswered.
 */
public final class IngestHttp implements SegmentOwners {
    private static final String ADDRESS = "siltstone.http.address";
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final int CONFIG_TIMEOUT_MS = 5_000;
    /** More partitions than this are not named in an address; then all are asked about. */
    private static final int MOST_NAMED = 200;

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

    @Override
    public TopicSegments segments(String topic) throws InterruptedException {
        return look(topic, TopicSegments.none(partitions(topic)), "");
    }

    @Override
    public TopicSegments complete(String topic, TopicSegments earlier) throws InterruptedException {
        Set<Integer> missing = earlier.unanswered().partitions();
        return look(topic, earlier, missing.size() > MOST_NAMED ? "" : named(missing));
    }

    private static String named(Set<Integer> partitions) {
        return partitions.stream().map(partition -> "partition=" + partition).collect(Collectors.joining("&", "?", ""));
    }

    private TopicSegments look(String topic, TopicSegments earlier, String query) throws InterruptedException {
        TopicSegments found = earlier;
        List<String> refusals = new ArrayList<>();
        for (URI node : nodes(refusals)) {
            HttpRequest request = request(node, topic, "segments" + query).GET().build();
            Optional<String> sent = send(request, refusals);
            if (sent.isPresent()) {
                NodeSegments answer = parse(request, sent.get(), new TypeReference<NodeSegments>() {});
                found = found.with(answer.segments());
                if (!answer.notOpen().isEmpty()) {
                    refusals.add(request.uri() + " has not opened partitions " + answer.notOpen() + " yet");
                }
            }
        }
        return found.because(refusals);
    }

    /** What one node answers. */
    private record NodeSegments(List<SegmentLine> segments, List<Integer> notOpen) {}

    @Override
    public Unanswered seal(String topic) throws InterruptedException {
        int partitions = partitions(topic);
        List<Integer> sealed = new ArrayList<>();
        List<String> refusals = new ArrayList<>();
        for (URI node : nodes(refusals)) {
            HttpRequest request = request(node, topic, "seal")
                    .POST(HttpRequest.BodyPublishers.noBody())
                    .build();
            Optional<String> answer = send(request, refusals);
            if (answer.isPresent()) {
                parse(request, answer.get(), new TypeReference<JsonNode>() {})
                        .path("partitions")
                        .forEach(partition -> sealed.add(partition.asInt()));
            }
        }
        return Unanswered.of(partitions, sealed, refusals);
    }

    private int partitions(String topic) throws InterruptedException {
        try {
            TopicDescription found =
                    admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic);
            if (found == null) {
                throw new IllegalStateException("the cluster answered nothing about " + topic);
            }
            return found.partitions().size();
        } catch (ExecutionException e) {
            throw new IllegalStateException("topic " + topic + ": " + why(e), e);
        }
    }

    private static HttpRequest.Builder request(URI node, String topic, String what) {
        String name = URLEncoder.encode(topic, StandardCharsets.UTF_8);
        return HttpRequest.newBuilder(node.resolve("/v1/topics/" + name + "/" + what))
                .timeout(TIMEOUT);
    }

    /** The answer; empty, with the reason in {@code refusals}, where asking again may help. */
    private Optional<String> send(HttpRequest request, List<String> refusals) throws InterruptedException {
        try {
            HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() / 100 == 2) {
                return Optional.of(response.body());
            }
            String refusal = request.uri() + " answered " + response.statusCode() + ": " + message(response.body());
            if (response.statusCode() / 100 != 5) {
                throw new IllegalStateException(refusal);
            }
            refusals.add(refusal);
        } catch (IOException e) {
            refusals.add(request.uri() + " did not answer: " + e);
        }
        return Optional.empty();
    }

    private static <T> T parse(HttpRequest request, String answer, TypeReference<T> type) {
        try {
            return JSON.readValue(answer, type);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(request.uri() + " answered what cannot be read: " + e.getMessage(), e);
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

    private List<URI> nodes(List<String> refusals) throws InterruptedException {
        List<ConfigResource> resources = brokers();
        Map<ConfigResource, KafkaFuture<Config>> answers = admin.describeConfigs(
                        resources, new DescribeConfigsOptions().timeoutMs(CONFIG_TIMEOUT_MS))
                .values();
        List<URI> addresses = new ArrayList<>();
        for (Map.Entry<ConfigResource, KafkaFuture<Config>> answer : answers.entrySet()) {
            String node = "node " + answer.getKey().name();
            try {
                ConfigEntry entry = answer.getValue().get().get(ADDRESS);
                if (entry == null || entry.value() == null) {
                    throw new IllegalStateException(node + " does not tell " + ADDRESS + ": is this Siltstone?");
                }
                addresses.add(URI.create(entry.value()));
            } catch (ExecutionException e) {
                refusals.add(node + " did not tell its address: " + why(e));
            }
        }
        return addresses;
    }

    private List<ConfigResource> brokers() throws InterruptedException {
        try {
            return admin.describeCluster().nodes().get().stream()
                    .map(Node::idString)
                    .map(id -> new ConfigResource(ConfigResource.Type.BROKER, id))
                    .toList();
        } catch (ExecutionException e) {
            throw new IllegalStateException("the cluster did not tell its nodes: " + why(e), e);
        }
    }

    private static String why(ExecutionException failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        String message = cause.getMessage();
        return message == null ? cause.toString() : message;
    }
}
