package io.siltstone.ingest.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.siltstone.format.manifest.ManifestRange;
import io.siltstone.format.manifest.ManifestTree;
import io.siltstone.ingest.partition.Partition;
import io.siltstone.ingest.partition.Partitions;
import io.siltstone.log.DiskId;
import io.siltstone.log.PartitionId;
import io.siltstone.log.chain.ChainSegment;
import io.siltstone.log.chain.ManifestPointer;
import io.siltstone.log.chain.PartitionState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Tells where the segments of the partitions that this node owns live, and closes open ones. The other partitions of a
 * topic are told by their owners. Thread-safe.
 */
final class SegmentEndpoints {

    private static final int RANGES_PER_PAGE = 1_000;

    private final Partitions partitions;
    private final ManifestVersions manifests;
    private final Function<PartitionId, CompletableFuture<Map<Long, Long>>> hotBytes;

    SegmentEndpoints(
            Partitions partitions,
            ManifestVersions manifests,
            Function<PartitionId, CompletableFuture<Map<Long, Long>>> hotBytes) {
        this.partitions = partitions;
        this.manifests = manifests;
        this.hotBytes = hotBytes;
    }

    /**
     * {@code POST /v1/topics/T/seal}: closes the open segments that hold records. Answers with the partitions that were
     * told so; one that is still being taken over is not among them.
     */
    void seal(Context context) {
        List<Partition> owned = owned(context);
        List<CompletableFuture<Boolean>> answers =
                owned.stream().map(SegmentEndpoints::sealIfOpen).toList();
        context.future(() -> CompletableFuture.allOf(answers.toArray(new CompletableFuture<?>[0]))
                .thenRun(() -> {
                    ObjectNode answer = HistoryAnswer.JSON.createObjectNode();
                    ArrayNode sealed = answer.putArray("partitions");
                    for (int i = 0; i < owned.size(); i++) {
                        if (answers.get(i).join()) {
                            sealed.add(owned.get(i).id().partition());
                        }
                    }
                    context.status(202).contentType("application/json").result(answer.toString());
                }));
    }

    private static CompletableFuture<Boolean> sealIfOpen(Partition partition) {
        return CompletableFuture.supplyAsync(
                () -> {
                    if (partition.isOpen()) {
                        partition.seal();
                    }
                    return partition.isOpen();
                },
                partition.loop().eventLoop());
    }

    /**
     * {@code GET /v1/topics/T/segments}: where the segments of each open partition live, and which partitions this node
     * has but cannot tell of now. With {@code partition} parameters of those alone.
     */
    void segments(Context context) {
        Set<Integer> asked = context.queryParams("partition").stream()
                .map(SegmentEndpoints::number)
                .collect(Collectors.toSet());
        List<Partition> owned = owned(context).stream()
                .filter(partition ->
                        asked.isEmpty() || asked.contains(partition.id().partition()))
                .toList();
        List<CompletableFuture<Optional<List<ObjectNode>>>> answers =
                owned.stream().map(this::segmentsOf).toList();
        context.future(() -> CompletableFuture.allOf(answers.toArray(new CompletableFuture<?>[0]))
                .thenRun(() -> {
                    ObjectNode answer = HistoryAnswer.JSON.createObjectNode();
                    ArrayNode told = answer.putArray("segments");
                    ArrayNode notOpen = answer.putArray("notOpen");
                    for (int i = 0; i < owned.size(); i++) {
                        int partition = owned.get(i).id().partition();
                        answers.get(i)
                                .join()
                                .ifPresentOrElse(lines -> lines.forEach(told::add), () -> notOpen.add(partition));
                    }
                    context.contentType("application/json").result(answer.toString());
                }));
    }

    private static int number(String partition) {
        try {
            return Integer.parseInt(partition);
        } catch (NumberFormatException notANumber) {
            throw new RequestException(400, "partition is '" + partition + "', which is no number");
        }
    }

    private List<Partition> owned(Context context) {
        String topic = context.pathParam("topic");
        return partitions.all().stream()
                .filter(partition -> partition.name().topic().equals(topic))
                .toList();
    }

    /** How far a partition's log has come. */
    record Standing(PartitionState state, long highWatermark) {}

    /** Empty where the partition is not open. */
    private CompletableFuture<Optional<List<ObjectNode>>> segmentsOf(Partition partition) {
        CompletableFuture<Optional<Standing>> standing = CompletableFuture.supplyAsync(
                () -> partition.isOpen()
                        ? Optional.of(new Standing(partition.state(), partition.highWatermark()))
                        : Optional.empty(),
                partition.loop().eventLoop());
        return standing.thenCompose(open -> open.isEmpty()
                ? CompletableFuture.completedFuture(Optional.empty())
                : segmentsOf(partition, open.get()).thenApply(Optional::of));
    }

    private CompletableFuture<List<ObjectNode>> segmentsOf(Partition partition, Standing now) {
        return hotBytes.apply(partition.id())
                .exceptionally(failure -> {
                    throw new RequestException(503, "its segments cannot be told now: " + failure.getMessage());
                })
                .thenCompose(hot -> ranges(partition, now.state())
                        .thenApply(ranges -> lines(partition.id().partition(), now, hot, ranges)));
    }

    private CompletableFuture<List<ManifestRange>> ranges(Partition partition, PartitionState state) {
        ManifestPointer pointer = state.manifest();
        if (pointer == null) {
            return CompletableFuture.completedFuture(List.of());
        }
        return manifests
                .manifest(partition.id(), pointer)
                .thenCompose(tree -> pages(tree, Math.max(tree.logStart(), state.logStart()), new ArrayList<>()));
    }

    private static CompletableFuture<List<ManifestRange>> pages(
            ManifestTree tree, long from, List<ManifestRange> found) {
        return tree.page(from, RANGES_PER_PAGE).toCompletableFuture().thenCompose(page -> {
            found.addAll(page);
            boolean last = page.isEmpty() || page.get(page.size() - 1).endOffset() >= tree.endOffset();
            return last
                    ? CompletableFuture.completedFuture(found)
                    : pages(tree, page.get(page.size() - 1).endOffset(), found);
        });
    }

    /** What is in the bucket, then what is not; both in the order of offsets. */
    static List<ObjectNode> lines(int partition, Standing now, Map<Long, Long> hot, List<ManifestRange> ranges) {
        List<ObjectNode> lines = new ArrayList<>();
        for (ManifestRange range : ranges) {
            long hotBytes = hot.entrySet().stream()
                    .filter(held -> held.getKey() >= range.firstSegment() && held.getKey() <= range.lastSegment())
                    .mapToLong(Map.Entry::getValue)
                    .sum();
            List<ChainSegment> listed = now.state().segments().stream()
                    .filter(segment ->
                            segment.number() >= range.firstSegment() && segment.number() <= range.lastSegment())
                    .toList();
            String state = listed.isEmpty() ? "tiered" : "closed";
            lines.add(line(partition, range.firstSegment(), state, range.baseOffset(), listed)
                    .put("endOffset", range.endOffset())
                    .put("hotBytes", hotBytes)
                    .put("tieredBytes", range.bytes())
                    .put("object", range.key()));
        }
        long tieredEnd = ranges.isEmpty() ? 0 : ranges.get(ranges.size() - 1).endOffset();
        for (ChainSegment segment : now.state().segments()) {
            boolean closed = segment instanceof ChainSegment.Closed;
            long end =
                    segment instanceof ChainSegment.Closed known ? known.end().endOffset() : now.highWatermark();
            if (closed && end <= tieredEnd) {
                continue;
            }
            String state = closed ? "closed" : "open";
            lines.add(line(partition, segment.number(), state, segment.baseOffset(), List.of(segment))
                    .put("endOffset", end)
                    .put("hotBytes", hot.getOrDefault(segment.number(), 0L))
                    .put("tieredBytes", 0)
                    .putNull("object"));
        }
        return lines;
    }

    private static ObjectNode line(
            int partition, long segment, String state, long baseOffset, List<ChainSegment> onDisks) {
        ObjectNode line = HistoryAnswer.JSON
                .createObjectNode()
                .put("partition", partition)
                .put("segment", segment)
                .put("state", state)
                .put("baseOffset", baseOffset);
        ArrayNode ensemble = line.putArray("ensemble");
        onDisks.stream()
                .flatMap(each -> each.replicas().stream())
                .distinct()
                .map(DiskId::toString)
                .forEach(ensemble::add);
        return line;
    }
}
