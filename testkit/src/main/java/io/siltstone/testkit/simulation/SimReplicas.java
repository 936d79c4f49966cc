package io.siltstone.testkit.simulation;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.siltstone.log.DiskId;
import io.siltstone.log.EntryHeader;
import io.siltstone.log.SegmentId;
import io.siltstone.log.wire.proto.Code;
import io.siltstone.log.writer.Replicas;
import io.siltstone.storage.replica.ReplicaCore;
import io.siltstone.storage.replica.ReplicaReads;
import io.siltstone.storage.replica.SegmentStat;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The storage nodes as one owner reaches them. */
final class SimReplicas implements Replicas {

    private static final long REQUEST_TIMEOUT_MICROS = 1_500_000;

    private final World world;
    private final Faults faults;
    private final Lifetime owner;
    private final List<SimStorageNode> nodes;
    private final Map<DiskId, SimLink> links = new LinkedHashMap<>();
    private final Map<SegmentId, AppendListener> listeners = new HashMap<>();

    SimReplicas(World world, Faults faults, Lifetime owner, List<SimStorageNode> nodes) {
        this.world = world;
        this.faults = faults;
        this.owner = owner;
        this.nodes = nodes;
    }

    List<SimLink> links() {
        return List.copyOf(links.values());
    }

    private @Nullable SimLink link(DiskId disk) {
        SimLink link = links.get(disk);
        if (link != null && link.stands()) {
            return link;
        }
        for (SimStorageNode node : nodes) {
            if (node.identity().equals(disk) && node.isUp()) {
                SimLink opened = new SimLink(world, faults, disk, node, owner, listeners, () -> lost(disk, "broken"));
                links.put(disk, opened);
                return opened;
            }
        }
        return null;
    }

    private void lost(DiskId disk, String why) {
        List.copyOf(listeners.values()).forEach(listener -> listener.linkLost(disk, why));
    }

    private boolean isGone(DiskId disk) {
        return nodes.stream().noneMatch(node -> node.identity().equals(disk));
    }

    @Override
    public void append(DiskId disk, EntryHeader header, ByteBuf payload) {
        SimLink link = link(disk);
        if (link == null) {
            world.after(500, owner, () -> lost(disk, "cannot connect"));
            return;
        }
        link.append(header, payload);
    }

    @Override
    public void listen(SegmentId segment, AppendListener listener) {
        listeners.put(segment, listener);
    }

    @Override
    public void forget(SegmentId segment) {
        listeners.remove(segment);
        links.values().forEach(link -> link.drop(segment));
    }

    @Override
    public void abandon(DiskId disk, SegmentId segment) {
        SimLink link = links.get(disk);
        if (link != null) {
            link.drop(segment);
        }
    }

    @Override
    public void fence(DiskId disk, SegmentId segment, int epoch, Consumer<Answer<SegmentStanding>> answer) {
        ask(disk, answer, (core, reply) -> core.fence(segment, epoch, stat -> reply.accept(fencedAnswer(stat))));
    }

    @Override
    public void stat(DiskId disk, SegmentId segment, Consumer<Answer<SegmentStanding>> answer) {
        ask(disk, answer, (core, reply) -> {
            SegmentStat stat = core.stat(segment);
            reply.accept(
                    switch (stat.code()) {
                        case OK, NO_SUCH_SEGMENT -> new Answer.Ok<>(standing(stat, false));
                        case FENCED -> new Answer.Ok<>(standing(stat, true));
                        case UNKNOWN -> new Answer.Unknown<>();
                        case OUT_OF_ORDER, CONFLICT, CORRUPT, BUSY, WRONG_DISK, INVALID, UNRECOGNIZED ->
                            new Answer.Failed<>(stat.code().toString());
                    });
        });
    }

    @Override
    public void read(
            DiskId disk,
            SegmentId segment,
            long fromEntry,
            long lastEntry,
            int maxBytes,
            Consumer<Answer<List<Entry>>> answer) {
        ask(
                disk,
                answer,
                (core, reply) -> core.reads()
                        .fromEntry(
                                segment,
                                fromEntry,
                                lastEntry,
                                maxBytes,
                                bytes -> true,
                                found -> reply.accept(entries(found))));
    }

    private static Answer<List<Entry>> entries(ReplicaReads.ReadAnswer found) {
        if (found.code() == Code.UNKNOWN || found.code() == Code.NO_SUCH_SEGMENT) {
            return new Answer.Unknown<>();
        }
        if (found.code() != Code.OK) {
            return new Answer.Failed<>(found.code() + " " + found.message());
        }
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < found.entries().headers().size(); i++) {
            // A copy on the heap: an answer may be lost on its way, and nobody releases it then.
            entries.add(new Entry(
                    found.entries().headers().get(i),
                    Unpooled.copiedBuffer(found.entries().payloads().get(i))));
        }
        found.entries().release();
        return new Answer.Ok<>(entries);
    }

    @Override
    public void recoveryAppend(DiskId disk, int epoch, List<Entry> entries, Consumer<Answer<SegmentStanding>> answer) {
        List<EntryHeader> headers = entries.stream().map(Entry::header).toList();
        CompositeByteBuf payloads = Unpooled.compositeBuffer(Integer.MAX_VALUE);
        entries.forEach(entry -> payloads.addComponent(true, entry.payload().copy()));
        ask(
                disk,
                answer,
                (core, reply) -> core.recoveryAppend(
                        epoch,
                        headers,
                        payloads,
                        result -> reply.accept(
                                result.code() == Code.OK
                                        ? new Answer.Ok<>(standing(result.stat(), true))
                                        : result.code() == Code.UNKNOWN
                                                ? new Answer.Unknown<>()
                                                : new Answer.Failed<>(
                                                        result.code().toString()))));
    }

    private static Answer<SegmentStanding> fencedAnswer(SegmentStat stat) {
        return switch (stat.code()) {
            case OK -> new Answer.Ok<>(standing(stat, true));
            case UNKNOWN -> new Answer.Unknown<>();
            case FENCED, NO_SUCH_SEGMENT, OUT_OF_ORDER, CONFLICT, CORRUPT, BUSY, WRONG_DISK, INVALID, UNRECOGNIZED ->
                new Answer.Failed<>(stat.code().toString());
        };
    }

    private static SegmentStanding standing(SegmentStat stat, boolean fenced) {
        return new SegmentStanding(
                fenced, stat.lastEntry(), stat.lastConfirmed(), stat.endOffset(), stat.snapshotEntry());
    }

    private interface Question<T> {
        void put(ReplicaCore core, Consumer<Answer<T>> reply);
    }

    private <T> void ask(DiskId disk, Consumer<Answer<T>> receiver, Question<T> question) {
        if (isGone(disk)) {
            world.after(500, owner, () -> receiver.accept(new Answer.Unknown<>()));
            return;
        }
        Once<T> once = new Once<>(receiver);
        SimLink link = link(disk);
        if (link == null) {
            world.after(500, owner, () -> once.accept(new Answer.Failed<>("cannot connect")));
            return;
        }
        world.after(REQUEST_TIMEOUT_MICROS, owner, () -> once.accept(new Answer.Failed<>("no answer in time")));
        SimStorageNode node = nodes.stream()
                .filter(any -> any.identity().equals(disk))
                .findFirst()
                .orElseThrow();
        link.toNode(() -> question.put(node.core(), answer -> link.toOwner(() -> once.accept(answer))));
    }

    /** Hands on the first of several answers. */
    private static final class Once<T> implements Consumer<Answer<T>> {
        private final Consumer<Answer<T>> receiver;
        private boolean told;

        Once(Consumer<Answer<T>> receiver) {
            this.receiver = receiver;
        }

        @Override
        public void accept(Answer<T> answer) {
            if (!told) {
                told = true;
                receiver.accept(answer);
            }
        }
    }
}
