package io.siltstone.log.client;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.siltstone.log.DiskId;
import io.siltstone.log.EntryHeader;
import io.siltstone.log.PartitionId;
import io.siltstone.log.SegmentId;
import io.siltstone.log.wire.Frame;
import io.siltstone.log.wire.WireMapping;
import io.siltstone.log.wire.WireProtocol;
import io.siltstone.log.wire.proto.Delete;
import io.siltstone.log.wire.proto.Fence;
import io.siltstone.log.wire.proto.Read;
import io.siltstone.log.wire.proto.RecoveryAppend;
import io.siltstone.log.wire.proto.Reply;
import io.siltstone.log.wire.proto.Request;
import io.siltstone.log.wire.proto.Stat;
import io.siltstone.log.wire.proto.Status;
import io.siltstone.log.writer.Replicas;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The storage disks as one event loop reaches them: a link to each disk, shared by all partitions of the loop, so that
 * their appends share frames and fsyncs. Confined to that loop; every answer comes on it.
 */
public final class ReplicaClient implements Replicas {

    private final EventLoop loop;
    private final ReplicaClientSettings settings;
    private final DiskDirectory directory;
    private final Transport transport;
    private final Backpressure backpressure;
    private final Map<DiskId, DiskLink> links = new HashMap<>();
    private final Map<SegmentId, AppendListener> listeners = new HashMap<>();
    private boolean closed;

    /**
     * Connects nothing yet.
     *
     * @param backpressure told of every byte that waits for its acknowledgement; of this loop
     */
    public ReplicaClient(
            EventLoop loop,
            ReplicaClientSettings settings,
            DiskDirectory directory,
            Transport transport,
            Backpressure backpressure) {
        this.loop = loop;
        this.settings = settings;
        this.directory = directory;
        this.transport = transport;
        this.backpressure = backpressure;
    }

    @Override
    public void append(DiskId disk, EntryHeader header, ByteBuf payload) {
        if (payload.readableBytes() != header.length()) {
            throw new IllegalArgumentException("entry " + header.entry() + " of " + header.segment() + " has "
                    + payload.readableBytes() + " bytes, its header says " + header.length());
        }
        link(disk).append(header, payload);
    }

    @Override
    public void listen(SegmentId segment, AppendListener listener) {
        if (listeners.putIfAbsent(segment, listener) != null) {
            throw new IllegalStateException("segment " + segment + " has a listener already");
        }
    }

    @Override
    public void forget(SegmentId segment) {
        listeners.remove(segment);
        links.values().forEach(link -> link.forget(segment));
    }

    @Override
    public void abandon(DiskId disk, SegmentId segment) {
        DiskLink link = links.get(disk);
        if (link != null) {
            link.abandon(segment);
        }
    }

    @Override
    public void fence(DiskId disk, SegmentId segment, int epoch, Consumer<Answer<SegmentStanding>> answer) {
        Fence.Builder fence =
                Fence.newBuilder().setSegment(WireMapping.toMessage(segment)).setEpoch(epoch);
        ask(disk, Request.newBuilder().setFence(fence), List.of(), Replies::fenced, answer);
    }

    @Override
    public void stat(DiskId disk, SegmentId segment, Consumer<Answer<SegmentStanding>> answer) {
        Stat.Builder stat = Stat.newBuilder().addSegments(WireMapping.toMessage(segment));
        ask(disk, Request.newBuilder().setStat(stat), List.of(), Replies::standing, answer);
    }

    @Override
    public void read(
            DiskId disk,
            SegmentId segment,
            long fromEntry,
            long lastEntry,
            int maxBytes,
            Consumer<Answer<List<Entry>>> answer) {
        read(disk, range(segment, lastEntry, maxBytes).setEntry(fromEntry), answer);
    }

    /**
     * Reads whole entries from the one that holds the offset, or the next batch after it, to at most {@code lastEntry}
     * and about {@code maxBytes}, at least one. The receiver of the answer releases the payloads.
     */
    public void readFromOffset(
            DiskId disk,
            SegmentId segment,
            long offset,
            long lastEntry,
            int maxBytes,
            Consumer<Answer<List<Entry>>> answer) {
        read(disk, range(segment, lastEntry, maxBytes).setOffset(offset), answer);
    }

    private static Read.Builder range(SegmentId segment, long lastEntry, int maxBytes) {
        return Read.newBuilder()
                .setSegment(WireMapping.toMessage(segment))
                .setLastEntry(lastEntry)
                .setMaxBytes(Math.min(maxBytes, WireProtocol.MAX_PAYLOAD_BYTES));
    }

    private void read(DiskId disk, Read.Builder read, Consumer<Answer<List<Entry>>> answer) {
        ask(disk, Request.newBuilder().setRead(read), List.of(), Replies::entries, answer);
    }

    @Override
    public void recoveryAppend(DiskId disk, int epoch, List<Entry> entries, Consumer<Answer<SegmentStanding>> answer) {
        RecoveryAppend.Builder append = RecoveryAppend.newBuilder().setEpoch(epoch);
        List<ByteBuf> payloads = new ArrayList<>(entries.size());
        for (Entry entry : entries) {
            append.addEntries(WireMapping.toMessage(entry.header()));
            payloads.add(entry.payload().retainedDuplicate());
        }
        ask(disk, Request.newBuilder().setRecoveryAppend(append), payloads, Replies::fenced, answer);
    }

    /** Drops, for good, every segment of the partition below the number; only ever asked on a positive fact (rule 13). */
    public void delete(DiskId disk, PartitionId partition, long below, Consumer<Answer<Long>> answer) {
        Delete.Builder delete = Delete.newBuilder()
                .setPartition(WireMapping.toMessage(partition))
                .setBelow(below);
        ask(disk, Request.newBuilder().setDelete(delete), List.of(), frame -> new Answer.Ok<>(below), answer);
    }

    /**
     * The segments that the disk holds.
     *
     * @param partition of this partition alone; of all where null
     */
    public void list(DiskId disk, @Nullable PartitionId partition, Consumer<Answer<List<SegmentReport>>> answer) {
        io.siltstone.log.wire.proto.List.Builder list = io.siltstone.log.wire.proto.List.newBuilder();
        if (partition != null) {
            list.setPartition(WireMapping.toMessage(partition));
        }
        ask(disk, Request.newBuilder().setList(list), List.of(), Replies::reports, answer);
    }

    public void status(DiskId disk, Consumer<Answer<DiskReport>> answer) {
        ask(disk, Request.newBuilder().setStatus(Status.getDefaultInstance()), List.of(), Replies::disk, answer);
    }

    private <T> void ask(
            DiskId disk,
            Request.Builder request,
            List<ByteBuf> payloads,
            Function<Frame<Reply>, Answer<T>> whereOk,
            Consumer<Answer<T>> receiver) {
        link(disk).ask(request, payloads, answer -> receiver.accept(Replies.read(answer, whereOk)));
    }

    private DiskLink link(DiskId disk) {
        DiskLink link = links.get(disk);
        if (link == null) {
            if (closed) {
                throw new IllegalStateException("the client of this loop is closed");
            }
            link = new DiskLink(disk, loop, settings, directory, transport, backpressure, listeners);
            links.put(disk, link);
        }
        return link;
    }

    /** Bytes sent or to be sent to the disk that it has not acknowledged. */
    public long unackedBytes(DiskId disk) {
        DiskLink link = links.get(disk);
        return link == null ? 0 : link.unackedBytes();
    }

    /** The disk has answered Hello on a connection that still stands. */
    public boolean isConnected(DiskId disk) {
        DiskLink link = links.get(disk);
        return link != null && link.isConnected();
    }

    /** Closes all connections. Whatever is pending is told so. */
    public void close() {
        closed = true;
        links.values().forEach(DiskLink::close);
    }
}
