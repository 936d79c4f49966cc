package io.siltstone.ingest.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.siltstone.format.BucketKeys;
import io.siltstone.format.manifest.ManifestRange;
import io.siltstone.format.manifest.ManifestTree;
import io.siltstone.log.PartitionId;
import io.siltstone.log.chain.ManifestPointer;
import io.siltstone.log.chain.PartitionState;
import io.siltstone.metadata.ClusterImage;
import io.siltstone.metadata.ClusterView;
import io.siltstone.metadata.PartitionImage;
import io.siltstone.metadata.TopicImage;
import io.siltstone.tiering.store.UrlSigner;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Tells what of topics is in the bucket, with signed links to it. Any node answers for any partition: the truth is in
 * metadata and bucket. What it tells may lag a moment behind; a client reads the rest live.
 *
 * <p>Thread-safe.
 */
final class HistoryEndpoints {

    private static final int DEFAULT_RANGES = 100;
    private static final int MAX_RANGES = 1_000;

    private final ClusterView cluster;
    private final ManifestVersions manifests;
    private final Function<UUID, CompletableFuture<Optional<String>>> descriptions;
    private final UrlSigner signer;
    private final Duration linkLife;
    private final Clock clock;

    HistoryEndpoints(
            ClusterView cluster,
            ManifestVersions manifests,
            Function<UUID, CompletableFuture<Optional<String>>> descriptions,
            UrlSigner signer,
            Duration linkLife,
            Clock clock) {
        this.cluster = cluster;
        this.manifests = manifests;
        this.descriptions = descriptions;
        this.signer = signer;
        this.linkLife = linkLife;
        this.clock = clock;
    }

    /** {@code GET /v1/topics}. */
    void topics(Context context) {
        ClusterImage image = cluster.image();
        ObjectNode json = HistoryAnswer.JSON.createObjectNode().put("cluster", image.clusterId());
        ArrayNode topics = json.putArray("topics");
        image.topics().values().stream()
                .sorted(Comparator.comparing(TopicImage::name))
                .forEach(topic -> topics.addObject()
                        .put("name", topic.name())
                        .put("id", topic.id().toString())
                        .put("partitions", topic.partitionCount()));
        answer(context, json);
    }

    /** {@code GET /v1/topics/T/description}: the key of the newest description in the bucket. */
    void description(Context context) {
        ClusterImage image = cluster.image();
        TopicImage topic = topic(image, context);
        context.future(() -> descriptions.apply(topic.id()).thenAccept(found -> {
            ObjectNode json = HistoryAnswer.JSON
                    .createObjectNode()
                    .put("cluster", image.clusterId())
                    .put("topicId", topic.id().toString());
            found.ifPresent(key -> json.put("key", key));
            answer(context, json);
        }));
    }

    /** {@code GET /v1/topics/T/partitions/P/history?offset=N&limit=N}, or {@code timestamp=MS} for an offset. */
    void history(Context context) {
        Named named = named(context);
        long limit = Math.max(1, Math.min(MAX_RANGES, number(context, "limit", DEFAULT_RANGES)));
        String timestamp = context.queryParam("timestamp");
        long offset = number(context, "offset", 0);
        context.future(() -> tree(named)
                .thenCompose(tree -> timestamp == null
                        ? page(named, tree, offset, (int) limit)
                        : tree.lookupByTime(number(context, "timestamp", 0))
                                .thenCompose(first -> page(
                                        named,
                                        tree,
                                        first.map(ManifestRange::baseOffset).orElse(Long.MAX_VALUE),
                                        (int) limit)))
                .thenAccept(page -> answer(context, page.json()))
                .toCompletableFuture());
    }

    /** {@code GET /v1/topics/T/partitions/P/link?key=K}: a link to any object of the partition or description of the topic. */
    void link(Context context) {
        Named named = named(context);
        String key = context.queryParam("key");
        if (key == null
                || !(key.startsWith(named.folder()) || key.startsWith(named.descriptions()))
                || key.contains("/../")) {
            throw new RequestException(
                    400, "key '" + key + "' is not below " + named.folder() + " or " + named.descriptions());
        }
        answer(
                context,
                HistoryAnswer.JSON
                        .createObjectNode()
                        .put("key", key)
                        .put("url", signer.signedUrl(key, linkLife).toString())
                        .put("urlExpiresMs", clock.millis() + linkLife.toMillis()));
    }

    /** A partition that was asked for, as metadata knows it now. */
    private record Named(
            String clusterId,
            TopicImage topic,
            int partition,
            @Nullable PartitionState state) {
        PartitionId id() {
            return new PartitionId(topic.id(), partition);
        }

        String folder() {
            return new BucketKeys(clusterId).partition(topic.id(), partition).folder();
        }

        String descriptions() {
            return new BucketKeys(clusterId).topicDescriptions(topic.id());
        }

        @Nullable
        ManifestPointer pointer() {
            return state == null ? null : state.manifest();
        }
    }

    private Named named(Context context) {
        ClusterImage image = cluster.image();
        TopicImage topic = topic(image, context);
        int partition;
        try {
            partition = Integer.parseInt(context.pathParam("partition"));
        } catch (NumberFormatException e) {
            throw new RequestException(400, "'" + context.pathParam("partition") + "' is not a partition's number");
        }
        if (partition < 0 || partition >= topic.partitionCount()) {
            throw new RequestException(
                    404, "topic " + topic.name() + " has " + topic.partitionCount() + " partitions, no " + partition);
        }
        PartitionState state = image.partition(new PartitionId(topic.id(), partition))
                .map(PartitionImage::state)
                .orElse(null);
        return new Named(image.clusterId(), topic, partition, state);
    }

    private static TopicImage topic(ClusterImage image, Context context) {
        String name = context.pathParam("topic");
        return image.topic(name).orElseThrow(() -> new RequestException(404, "there is no topic " + name));
    }

    private CompletableFuture<ManifestTree> tree(Named named) {
        ManifestPointer pointer = named.pointer();
        if (pointer == null) {
            return CompletableFuture.completedFuture(ManifestTree.empty(
                    new BucketKeys(named.clusterId()).partition(named.topic().id(), named.partition()),
                    key -> CompletableFuture.failedFuture(new IllegalStateException("an empty manifest has no node"))));
        }
        return manifests.manifest(named.id(), pointer);
    }

    private CompletionStage<HistoryAnswer> page(Named named, ManifestTree tree, long offset, int limit) {
        long stateStart = named.state() == null ? 0 : named.state().logStart();
        long logStart = Math.max(tree.logStart(), stateStart);
        return tree.page(Math.max(offset, logStart), limit).thenApply(ranges -> {
            long expires = clock.millis() + linkLife.toMillis();
            List<HistoryAnswer.Linked> linked = ranges.stream()
                    .map(range -> new HistoryAnswer.Linked(range, link(range.key()), expires))
                    .toList();
            boolean more = !ranges.isEmpty() && ranges.get(ranges.size() - 1).endOffset() < tree.endOffset();
            return new HistoryAnswer(
                    named.clusterId(),
                    named.topic().name(),
                    named.topic().id(),
                    named.partition(),
                    logStart,
                    tree.endOffset(),
                    named.pointer(),
                    linked,
                    more);
        });
    }

    private URI link(String key) {
        return signer.signedUrl(key, linkLife);
    }

    private static long number(Context context, String name, long otherwise) {
        String value = context.queryParam(name);
        try {
            return value == null ? otherwise : Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw new RequestException(400, name + " '" + value + "' is not a number");
        }
    }

    private static void answer(Context context, ObjectNode json) {
        context.contentType("application/json").result(json.toString());
    }
}
