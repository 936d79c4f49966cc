package io.siltstone.client.source;

import com.fasterxml.jackson.databind.JsonNode;
import io.siltstone.client.source.HistoryException.Kind;
import io.siltstone.format.BucketKeys;
import io.siltstone.format.EpochStart;
import io.siltstone.format.manifest.ManifestRange;
import io.siltstone.format.manifest.RootRef;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** What ingest nodes answer about history (docs/formats/history-api.md). */
final class HistoryJson {

    private HistoryJson() {}

    static HistoryPage page(JsonNode answer) {
        List<HistoryRange> ranges = new ArrayList<>();
        for (JsonNode range : field(answer, "ranges")) {
            ranges.add(new HistoryRange(range(range), URI.create(text(range, "url"))));
        }
        return new HistoryPage(
                number(answer, "logStart"),
                number(answer, "endOffset"),
                ranges,
                field(answer, "more").asBoolean());
    }

    static Optional<PartitionManifest> manifest(JsonNode answer) {
        JsonNode root = answer.path("root");
        if (!root.isObject()) {
            return Optional.empty();
        }
        return Optional.of(new PartitionManifest(
                new BucketKeys(text(answer, "cluster"))
                        .partition(UUID.fromString(text(answer, "topicId")), (int) number(answer, "partition")),
                new RootRef(text(root, "key"), text(root, "sha256"))));
    }

    static Optional<String> key(JsonNode answer) {
        return answer.has("key") ? Optional.of(text(answer, "key")) : Optional.empty();
    }

    static URI link(JsonNode answer) {
        return URI.create(text(answer, "url"));
    }

    private static ManifestRange range(JsonNode json) {
        List<EpochStart> epochs = new ArrayList<>();
        for (JsonNode epoch : field(json, "epochs")) {
            epochs.add(new EpochStart((int) number(epoch, "epoch"), number(epoch, "startOffset")));
        }
        return new ManifestRange(
                text(json, "key"),
                number(json, "bytes"),
                text(json, "sha256"),
                number(json, "baseOffset"),
                number(json, "endOffset"),
                epochs,
                number(json, "leastTimestamp"),
                number(json, "greatestTimestamp"),
                number(json, "greatestTimestampOffset"),
                number(json, "firstSegment"),
                number(json, "lastSegment"),
                number(json, "indexPosition"),
                (int) number(json, "indexCrc32c"),
                number(json, "leastAbortedOffset"));
    }

    private static String text(JsonNode json, String name) {
        return field(json, name).asText();
    }

    private static long number(JsonNode json, String name) {
        JsonNode value = field(json, name);
        if (!value.isIntegralNumber()) {
            throw new HistoryException(Kind.REFUSED, "'" + name + "' of the answer is " + value + ", no number", null);
        }
        return value.asLong();
    }

    private static JsonNode field(JsonNode json, String name) {
        JsonNode value = json.get(name);
        if (value == null) {
            throw new HistoryException(Kind.REFUSED, "the answer lacks '" + name + "': " + json, null);
        }
        return value;
    }
}
