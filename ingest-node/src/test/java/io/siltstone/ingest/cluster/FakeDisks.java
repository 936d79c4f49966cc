package io.siltstone.ingest.cluster;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.siltstone.log.DiskId;
import io.siltstone.log.EntryHeader;
import io.siltstone.log.EntryKind;
import io.siltstone.log.SegmentId;
import io.siltstone.log.writer.Replicas;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Disks that acknowledge whatever they are sent, unless a test holds it back, and keep none of it. */
public final class FakeDisks implements Replicas {

    private final EventLoop loop;
    private final Map<SegmentId, AppendListener> listeners = new HashMap<>();
    private volatile boolean silent;
    private volatile boolean broken;

    FakeDisks(EventLoop loop) {
        this.loop = loop;
    }

    /** From now on nothing is acknowledged. */
    public void fallSilent() {
        silent = true;
    }

    /** From now on record batches cannot even be sent. */
    public void breakDown() {
        broken = true;
    }

    @Override
    public void append(DiskId disk, EntryHeader header, ByteBuf payload) {
        if (broken && header.kind() == EntryKind.BATCHES) {
            throw new IllegalStateException("broken as the test wants it");
        }
        if (!silent) {
            loop.execute(() -> {
                AppendListener listener = listeners.get(header.segment());
                if (listener != null) {
                    listener.acknowledged(disk, header.entry());
                }
            });
        }
    }

    @Override
    public void listen(SegmentId segment, AppendListener listener) {
        listeners.put(segment, listener);
    }

    @Override
    public void forget(SegmentId segment) {
        listeners.remove(segment);
    }

    @Override
    public void abandon(DiskId disk, SegmentId segment) {}

    @Override
    public void fence(DiskId disk, SegmentId segment, int epoch, Consumer<Answer<SegmentStanding>> answer) {
        loop.execute(() -> answer.accept(new Answer.Unknown<>()));
    }

    @Override
    public void stat(DiskId disk, SegmentId segment, Consumer<Answer<SegmentStanding>> answer) {
        loop.execute(() -> answer.accept(new Answer.Ok<>(new SegmentStanding(false, -1, -1, 0, -1))));
    }

    @Override
    public void read(
            DiskId disk,
            SegmentId segment,
            long fromEntry,
            long lastEntry,
            int maxBytes,
            Consumer<Answer<List<Entry>>> answer) {
        loop.execute(() -> answer.accept(new Answer.Unknown<>()));
    }

    @Override
    public void recoveryAppend(DiskId disk, int epoch, List<Entry> entries, Consumer<Answer<SegmentStanding>> answer) {
        loop.execute(() -> answer.accept(new Answer.Unknown<>()));
    }
}
