package io.siltstone.testkit.simulation;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.siltstone.log.DiskId;
import io.siltstone.log.EntryHeader;
import io.siltstone.log.SegmentId;
import io.siltstone.log.wire.proto.Code;
import io.siltstone.log.writer.Replicas;
import io.siltstone.log.writer.Replicas.AppendListener;
import io.siltstone.storage.replica.WriterLink;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * One connection between an owner and a storage node: messages keep their order, take a random time, and are lost with
 * it. Appends that wait are sent in one frame, answers are cumulative, as on the wire.
 */
final class SimLink extends WriterLink {

    private final World world;
    private final Faults faults;
    private final DiskId disk;
    private final SimStorageNode node;
    private final Lifetime owner;
    private final Map<SegmentId, AppendListener> listeners;
    private final Runnable lost;
    private final List<EntryHeader> waitingHeaders = new ArrayList<>();
    private final List<ByteBuf> waitingPayloads = new ArrayList<>();
    private final LinkedHashMap<Long, List<EntryHeader>> inFlight = new LinkedHashMap<>();
    private final Map<SegmentId, Long> refusedSegments = new HashMap<>();
    private long sequence;
    private long nextToNodeMicros;
    private long nextToOwnerMicros;
    private boolean open = true;

    SimLink(
            World world,
            Faults faults,
            DiskId disk,
            SimStorageNode node,
            Lifetime owner,
            Map<SegmentId, AppendListener> listeners,
            Runnable lost) {
        this.world = world;
        this.faults = faults;
        this.disk = disk;
        this.node = node;
        this.owner = owner;
        this.listeners = listeners;
        this.lost = lost;
        node.connected(this);
    }

    void append(EntryHeader header, ByteBuf payload) {
        waitingHeaders.add(header);
        waitingPayloads.add(payload.copy());
        if (waitingHeaders.size() == 1) {
            world.after(world.random().nextLong(500), owner, this::sendFrame);
        }
    }

    private void sendFrame() {
        if (!open || waitingHeaders.isEmpty()) {
            return;
        }
        long number = ++sequence;
        List<EntryHeader> headers = List.copyOf(waitingHeaders);
        CompositeByteBuf payloads = Unpooled.compositeBuffer(Integer.MAX_VALUE);
        waitingPayloads.forEach(payload -> payloads.addComponent(true, payload));
        waitingHeaders.clear();
        waitingPayloads.clear();
        inFlight.put(number, headers);
        toNode(() -> node.core().append(this, number, headers, payloads));
    }

    /** Drops what waits for the segment. */
    void drop(SegmentId segment) {
        for (int i = waitingHeaders.size() - 1; i >= 0; i--) {
            if (waitingHeaders.get(i).segment().equals(segment)) {
                waitingHeaders.remove(i);
                waitingPayloads.remove(i);
            }
        }
    }

    /** Runs at the node when the message arrives, where the link still stands then. */
    void toNode(Runnable atNode) {
        nextToNodeMicros = Math.max(nextToNodeMicros, world.nowMicros() + delay());
        world.after(nextToNodeMicros - world.nowMicros(), node.life(), () -> {
            if (open && node.isUp()) {
                atNode.run();
                node.pump();
            }
        });
    }

    /** Runs at the owner when the answer arrives, where the link still stands then. */
    void toOwner(Runnable atOwner) {
        nextToOwnerMicros = Math.max(nextToOwnerMicros, world.nowMicros() + delay());
        world.after(nextToOwnerMicros - world.nowMicros(), owner, () -> {
            if (open) {
                atOwner.run();
            }
        });
    }

    private long delay() {
        return 50 + world.random().nextLong(faults.maxDelayMicros());
    }

    @Override
    protected void acknowledge(long upTo, List<Refusal> refusals) {
        toOwner(() -> acknowledged(upTo, refusals));
    }

    private void acknowledged(long upTo, List<Refusal> refusals) {
        for (Refusal refusal : refusals) {
            Replicas.Refusal why = refusal.code() == Code.FENCED
                    ? Replicas.Refusal.FENCED
                    : refusal.code() == Code.BUSY ? Replicas.Refusal.BUSY : Replicas.Refusal.UNUSABLE;
            refusedSegments.put(refusal.segment(), refusal.entry());
            tell(refusal.segment(), listener -> listener.refused(disk, why));
        }
        Map<SegmentId, Long> reached = new LinkedHashMap<>();
        inFlight.entrySet().removeIf(frame -> {
            if (frame.getKey() > upTo) {
                return false;
            }
            frame.getValue().forEach(header -> {
                Long refusedFrom = refusedSegments.get(header.segment());
                if (refusedFrom == null || header.entry() < refusedFrom) {
                    reached.merge(header.segment(), header.entry(), Math::max);
                }
            });
            return true;
        });
        reached.forEach((segment, entry) -> tell(segment, listener -> listener.acknowledged(disk, entry)));
    }

    @Override
    protected void fenced(SegmentId segment) {
        toOwner(() -> tell(segment, listener -> listener.refused(disk, Replicas.Refusal.FENCED)));
    }

    private void tell(SegmentId segment, Consumer<AppendListener> what) {
        AppendListener listener = listeners.get(segment);
        if (listener != null) {
            what.accept(listener);
        }
    }

    @Override
    protected boolean isOpen() {
        return open;
    }

    boolean stands() {
        return open;
    }

    /** Whatever is under way is lost; both sides notice. */
    void broken() {
        if (!open) {
            return;
        }
        open = false;
        if (node.isUp()) {
            node.core().closed(this);
        }
        node.disconnected(this);
        world.after(100 + world.random().nextLong(2_000), owner, lost);
    }
}
