package io.siltstone.ingest.connection;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.TooLongFrameException;
import io.siltstone.log.wire.FrameReceiveAllocator;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a connection's stream into Kafka's length-prefixed requests. Confined to the channel's event loop.
 *
 * <p>Each request lies in one pooled direct buffer of exactly its size, so a retained slice of its records pins that
 * request and nothing else. A large request is read by the socket into that buffer itself.
 *
 * <p>A request counts against the node's memory from its first bytes on; where there is none for its kind it waits, and the
 * connection with it. Whom {@link #channelRead} hands a request to frees its bytes in {@link RequestMemory}.
 *
 * <p>A length outside the limits breaks the connection: nothing behind it can be trusted to be a request.
 */
final class RequestFrameDecoder extends ChannelInboundHandlerAdapter {

    private static final int LENGTH_BYTES = 4;
    private static final int API_KEY_BYTES = 2;
    /** API key, version and correlation id. */
    private static final int LEAST_BYTES = 8;

    /** Tells the handlers behind that {@link #isWaiting} has changed. */
    enum Event {
        WAITING_CHANGED
    }

    private final int maxRequestBytes;
    private final FrameReceiveAllocator receive;
    private final RequestMemory memory;
    /** What was read behind the head that waits; one buffer, since nothing is read meanwhile. */
    private final ArrayDeque<ByteBuf> behind = new ArrayDeque<>();

    private long head;
    private int headBytesRead;
    private @Nullable ByteBuf frame;
    private boolean waiting;
    private boolean broken;

    RequestFrameDecoder(int maxRequestBytes, FrameReceiveAllocator receive, RequestMemory memory) {
        this.maxRequestBytes = maxRequestBytes;
        this.receive = receive;
        this.memory = memory;
    }

    /** The next request waits for memory: there is no use in reading on. */
    boolean isWaiting() {
        return waiting;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // Whether it is this buffer, not one of the same bytes.
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf chunk = (ByteBuf) message;
        if (chunk == frame) {
            // The socket wrote into the request's own buffer.
            try {
                fireIfWhole(ctx);
            } finally {
                chunk.release();
            }
        } else {
            behind.add(chunk);
            consumeAll(ctx);
        }
    }

    /** Consumes what was read, as far as there is memory for it. */
    private void consumeAll(ChannelHandlerContext ctx) {
        while (!waiting && !behind.isEmpty()) {
            ByteBuf chunk = behind.element();
            try {
                while (!broken && !waiting && chunk.isReadable()) {
                    consume(ctx, chunk);
                }
            } finally {
                // A request's handler may have closed the connection, and with it all of this.
                if ((broken || !chunk.isReadable()) && !behind.isEmpty()) {
                    behind.remove().release();
                }
            }
        }
    }

    private void consume(ChannelHandlerContext ctx, ByteBuf chunk) {
        ByteBuf filling = frame;
        if (filling != null) {
            chunk.readBytes(filling, Math.min(filling.writableBytes(), chunk.readableBytes()));
            fireIfWhole(ctx);
            return;
        }
        head = head << 8 | chunk.readUnsignedByte();
        headBytesRead++;
        if (headBytesRead == LENGTH_BYTES) {
            checkLength((int) head);
        } else if (headBytesRead == LENGTH_BYTES + API_KEY_BYTES) {
            begin(ctx);
        }
    }

    private void checkLength(int bytes) {
        if (bytes < LEAST_BYTES || bytes > maxRequestBytes) {
            broken = true;
            throw new TooLongFrameException(
                    "a request of " + bytes + " bytes; from " + LEAST_BYTES + " to " + maxRequestBytes + " are taken");
        }
    }

    /** Makes room for the request whose length and kind are known, or waits until there is some. */
    private void begin(ChannelHandlerContext ctx) {
        int bytes = (int) (head >>> Short.SIZE);
        short apiKey = (short) head;
        if (!memory.admits(apiKey, bytes)) {
            waiting = true;
            ctx.fireUserEventTriggered(Event.WAITING_CHANGED);
            memory.of(apiKey).whenFree(() -> ctx.executor().execute(() -> beginAgain(ctx)));
            return;
        }
        // May throw where the JVM's direct memory is used up; nothing is held yet.
        ByteBuf body = ctx.alloc().directBuffer(bytes, bytes).writeShort(apiKey);
        head = 0;
        headBytesRead = 0;
        memory.of(apiKey).hold(bytes);
        frame = body;
        receive.fill(body);
    }

    private void beginAgain(ChannelHandlerContext ctx) {
        if (!waiting) {
            return;
        }
        waiting = false;
        try {
            begin(ctx);
            consumeAll(ctx);
        } catch (Throwable failure) {
            // An Error too: whoever hears of it closes the connection, which would otherwise not be read again.
            ctx.fireExceptionCaught(failure);
        }
        if (!waiting) {
            ctx.fireUserEventTriggered(Event.WAITING_CHANGED);
        }
    }

    private void fireIfWhole(ChannelHandlerContext ctx) {
        ByteBuf whole = frame;
        if (whole == null || whole.isWritable()) {
            return;
        }
        frame = null;
        receive.filled();
        ctx.fireChannelRead(whole);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        dropFrame();
        ctx.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        dropFrame();
    }

    private void dropFrame() {
        waiting = false;
        ByteBuf partial = frame;
        frame = null;
        receive.filled();
        if (partial != null) {
            memory.of(partial.getShort(0)).free(partial.capacity());
            partial.release();
        }
        for (ByteBuf chunk = behind.poll(); chunk != null; chunk = behind.poll()) {
            chunk.release();
        }
    }
}
