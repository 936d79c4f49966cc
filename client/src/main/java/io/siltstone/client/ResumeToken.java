package io.siltstone.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.kafka.common.TopicPartition;

/**
 * Where a replay stands, as text to be kept: per partition the next offset and the end, and which topics these were.
 * URL-safe Base64 of JSON.
 */
final class ResumeToken {

    private static final int VERSION = 1;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, UUID> topics;
    private final Map<TopicPartition, Span> spans;

    ResumeToken(Map<String, UUID> topics, Map<TopicPartition, Span> spans) {
        this.topics = Map.copyOf(topics);
        this.spans = Map.copyOf(spans);
    }

    Map<String, UUID> topics() {
        return topics;
    }

    Map<TopicPartition, Span> spans() {
        return spans;
    }

    String encode() {
        ObjectNode root = JSON.createObjectNode().put("version", VERSION);
        ObjectNode inTopics = root.putObject("topics");
        new TreeMap<>(topics).forEach((name, id) -> {
            ObjectNode topic = inTopics.putObject(name).put("id", id.toString());
            ObjectNode partitions = topic.putObject("partitions");
            spans.forEach((partition, span) -> {
                if (partition.topic().equals(name)) {
                    ArrayNode bounds = partitions.putArray(String.valueOf(partition.partition()));
                    bounds.add(span.next()).add(span.end());
                }
            });
        });
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(root.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** Throws IllegalArgumentException where the text is not a token of this version. */
    static ResumeToken decode(String token) {
        JsonNode root;
        try {
            root = JSON.readTree(new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8));
        } catch (JsonProcessingException | IllegalArgumentException e) {
            throw new IllegalArgumentException("'" + token + "' is not a resume token", e);
        }
        if (root.path("version").asInt() != VERSION) {
            throw new IllegalArgumentException("resume token of version " + root.path("version") + ", expected 1");
        }
        Map<String, UUID> topics = new TreeMap<>();
        Map<TopicPartition, Span> spans = new java.util.HashMap<>();
        root.path("topics").properties().forEach(topic -> {
            topics.put(
                    topic.getKey(), UUID.fromString(topic.getValue().path("id").asText()));
            topic.getValue().path("partitions").properties().forEach(partition -> {
                TopicPartition key = new TopicPartition(topic.getKey(), Integer.parseInt(partition.getKey()));
                JsonNode bounds = partition.getValue();
                spans.put(key, new Span(bounds.path(0).asLong(), bounds.path(1).asLong()));
            });
        });
        return new ResumeToken(topics, spans);
    }
}
