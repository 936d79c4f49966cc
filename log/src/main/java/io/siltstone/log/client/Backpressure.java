package io.siltstone.log.client;

import io.netty.buffer.ByteBuf;

/**
 * The memory that unacknowledged entries of one event loop pin, all disks together, and the signal to stop reading
 * clients while it is past its limit. Confined to that loop.
 *
 * <p>Each replica of an entry counts, so that a limit holds even where each disk stalls in turn. Reading goes on when
 * half of the limit is free again.
 */
public final class Backpressure {

    /** What a loop does to its client connections. Called on the loop, alternately. */
    public interface Valve {

        /** Stop reading clients. */
        void close();

        void open();
    }

    /** The receive buffer that a small slice keeps alive, at most. */
    private static final int RECEIVE_BUFFER_BYTES = 64 << 10;

    private final long limitBytes;
    private final Valve valve;
    private long pinnedBytes;
    private int holders;
    private boolean closed;

    public Backpressure(long limitBytes, Valve valve) {
        if (limitBytes < 1) {
            throw new IllegalArgumentException("a limit of " + limitBytes + " bytes stops everything");
        }
        this.limitBytes = limitBytes;
        this.valve = valve;
    }

    /** For a caller that bounds what it sends by itself. */
    public static Backpressure none() {
        return new Backpressure(Long.MAX_VALUE, new Valve() {
            @Override
            public void close() {}

            @Override
            public void open() {}
        });
    }

    /**
     * What a payload keeps from being reused: its bytes, or the receive buffer that it is a small slice of. Slices of a
     * larger buffer than that come and go together, and share it.
     */
    public static int pinnedBytes(ByteBuf payload) {
        ByteBuf root = payload;
        for (ByteBuf parent = root.unwrap(); parent != null; parent = root.unwrap()) {
            root = parent;
        }
        return Math.max(payload.readableBytes(), Math.min(root.capacity(), RECEIVE_BUFFER_BYTES));
    }

    public long pinnedBytes() {
        return pinnedBytes;
    }

    /** Clients should not be read now. */
    public boolean isClosed() {
        return closed;
    }

    void pin(long bytes) {
        pinnedBytes += bytes;
        turn();
    }

    void unpin(long bytes) {
        pinnedBytes -= bytes;
        if (pinnedBytes < 0) {
            throw new IllegalStateException("more was acknowledged than sent, by " + -pinnedBytes + " bytes");
        }
        turn();
    }

    /** A disk is so far behind that it needs time. */
    void hold() {
        holders++;
        turn();
    }

    void letGo() {
        holders--;
        turn();
    }

    private void turn() {
        if (!closed && (holders > 0 || pinnedBytes > limitBytes)) {
            closed = true;
            valve.close();
        } else if (closed && holders == 0 && pinnedBytes <= limitBytes / 2) {
            closed = false;
            valve.open();
        }
    }
}
