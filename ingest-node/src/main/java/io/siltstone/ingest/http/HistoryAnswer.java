package io.siltstone.ingest.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.siltstone.format.manifest.ManifestRange;
import io.siltstone.log.chain.ManifestPointer;
import java.net.URI;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One page of a partition's history as JSON.
 *
 * @param logStart the first offset that may be read
 * @param endOffset the offset after the last one in the bucket
 * @param root the manifest root that this is from; null where nothing is in the bucket
 * @param more ranges follow after the last one here
 */
record HistoryAnswer(
        String cluster,
        String topic,
        UUID topicId,
        int partition,
        long logStart,
        long endOffset,
        @Nullable ManifestPointer root,
        List<Linked> ranges,
        boolean more) {

    static final ObjectMapper JSON = new ObjectMapper();

    /** A range and a link to its object. */
    record Linked(ManifestRange range, URI url, long urlExpiresMs) {}

    ObjectNode json() {
        ObjectNode json = JSON.createObjectNode()
                .put("cluster", cluster)
                .put("topic", topic)
                .put("topicId", topicId.toString())
                .put("partition", partition)
                .put("logStart", logStart)
                .put("endOffset", endOffset)
                .put("more", more);
        if (root != null) {
            json.putObject("root").put("key", root.root()).put("sha256", root.sha256());
        }
        ArrayNode all = json.putArray("ranges");
        ranges.forEach(linked -> add(all.addObject(), linked));
        return json;
    }

    private static void add(ObjectNode json, Linked linked) {
        ManifestRange range = linked.range();
        json.put("key", range.key())
                .put("bytes", range.bytes())
                .put("sha256", range.sha256())
                .put("baseOffset", range.baseOffset())
                .put("endOffset", range.endOffset())
                .put("leastTimestamp", range.leastTimestamp())
                .put("greatestTimestamp", range.greatestTimestamp())
                .put("greatestTimestampOffset", range.greatestTimestampOffset())
                .put("firstSegment", range.firstSegment())
                .put("lastSegment", range.lastSegment())
                .put("indexPosition", range.indexPosition())
                .put("indexCrc32c", range.indexCrc32c())
                .put("leastAbortedOffset", range.leastAbortedOffset())
                .put("url", linked.url().toString())
                .put("urlExpiresMs", linked.urlExpiresMs());
        ArrayNode epochs = json.putArray("epochs");
        range.epochs()
                .forEach(start ->
                        epochs.addObject().put("epoch", start.epoch()).put("startOffset", start.startOffset()));
    }
}
