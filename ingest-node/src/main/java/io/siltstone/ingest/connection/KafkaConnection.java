package io.siltstone.ingest.connection;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.siltstone.ingest.api.ApiHandler;
import io.siltstone.ingest.api.ApiHandlers;
import io.siltstone.ingest.api.Request;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.network.ClientInformation;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection: parses its requests, hands them to their handlers, sends the answers in order. Confined to
 * the channel's event loop; handlers may complete anywhere.
 *
 * <p>Reads nothing more while too many of its requests are under way, while the client does not take its answers, while
 * the next request waits for memory, or as long as an answer told the client to wait (Kafka's throttling). Serves nothing
 * more after a request waited in vain ({@link ConnectionEnd#giveUp}).
 */
final class KafkaConnection extends ChannelInboundHandlerAdapter {

    private static final Logger LOG = LoggerFactory.getLogger(KafkaConnection.class);
    private static final ListenerName LISTENER = ListenerName.normalised("PLAINTEXT");

    private final ApiHandlers handlers;
    private final RequestMemory memory;
    private final BooleanSupplier waitsForMemory;
    private final RequestMetrics metrics;
    private final int maxInFlight;
    private @Nullable ChannelHandlerContext context;
    private @Nullable ClientConnection client;
    private @Nullable ResponseOrder order;
    private final ConnectionEnd end = new ConnectionEnd(this::leave);
    private int inFlight;
    private int mutes;
    private boolean leaving;
    private boolean closing;
    private @Nullable IdleStateHandler idleness;
    private long unsentWhenIdle;

    /**
     * A connection that is not open yet.
     *
     * @param memory that the decoder has taken for each request
     * @param waitsForMemory whether the decoder waits for more
     */
    KafkaConnection(
            ApiHandlers handlers,
            RequestMemory memory,
            BooleanSupplier waitsForMemory,
            RequestMetrics metrics,
            int maxInFlight) {
        this.handlers = handlers;
        this.memory = memory;
        this.waitsForMemory = waitsForMemory;
        this.metrics = metrics;
        this.maxInFlight = maxInFlight;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        context = ctx;
        idleness = ctx.pipeline().get(IdleStateHandler.class);
        InetSocketAddress remote = (InetSocketAddress) ctx.channel().remoteAddress();
        client = new ClientConnection(
                ctx.channel().id().asShortText(),
                remote.getAddress(),
                remote.getPort(),
                KafkaPrincipal.ANONYMOUS,
                LISTENER,
                SecurityProtocol.PLAINTEXT,
                end,
                ctx.channel().eventLoop());
        order = new ResponseOrder(this::write);
        metrics.connections.incrementAndGet();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf frame = (ByteBuf) message;
        if (closing || end.isOver()) {
            release(frame);
            return;
        }
        int bytes = frame.readableBytes();
        long startedNanos = System.nanoTime();
        metrics.received(bytes);
        inFlight++;
        Exchange exchange;
        try {
            exchange = begin(frame, startedNanos);
        } catch (Throwable unreadable) {
            finished(frame, null, startedNanos);
            LOG.warn(
                    "Closing the connection of {}: its request of {} bytes cannot be served: {}",
                    ctx.channel().remoteAddress(),
                    bytes,
                    unreadable.toString());
            LOG.debug("The unreadable request", unreadable);
            close();
            return;
        }
        exchange.start();
        updateReading();
    }

    private Exchange begin(ByteBuf frame, long startedNanos) {
        ClientConnection from = Objects.requireNonNull(client);
        ByteBuffer bytes = frame.nioBuffer();
        RequestHeader header = RequestHeader.parse(bytes);
        RequestContext requestContext = new RequestContext(
                header,
                from.id(),
                from.address(),
                Optional.of(from.port()),
                from.principal(),
                from.listener(),
                from.securityProtocol(),
                ClientInformation.EMPTY,
                false);
        ApiHandler handler = handlers.handler(header.apiKey())
                .orElseThrow(() -> new InvalidRequestException(header.apiKey() + " is not served"));
        RecordSlices slices = new RecordSlices();
        AbstractRequest body;
        if (header.isApiVersionSupported()) {
            body = AbstractRequest.parseRequest(header.apiKey(), header.apiVersion(), slices.reading(frame, bytes))
                    .request;
        } else if (header.apiKey() == ApiKeys.API_VERSIONS) {
            // Answered in version 0 with what is supported.
            body = requestContext.parseRequest(bytes).request;
        } else {
            throw new InvalidRequestException(
                    header.apiKey() + " version " + header.apiVersion() + " is not supported");
        }
        boolean silent = body instanceof ProduceRequest produce && produce.acks() == 0;
        ResponseOrder.Slot slot = silent ? null : Objects.requireNonNull(order).next();
        return new Exchange(handler, new Request(requestContext, body, from, slices), frame, slot, startedNanos);
    }

    /** One request under way. */
    private final class Exchange {

        private final ApiHandler handler;
        private final Request request;
        private final ByteBuf frame;
        private final ResponseOrder.@Nullable Slot slot;
        private final long startedNanos;

        Exchange(
                ApiHandler handler,
                Request request,
                ByteBuf frame,
                ResponseOrder.@Nullable Slot slot,
                long startedNanos) {
            this.handler = handler;
            this.request = request;
            this.frame = frame;
            this.slot = slot;
            this.startedNanos = startedNanos;
        }

        void start() {
            try {
                handler.handle(request).whenComplete((answer, error) -> {
                    if (request.connection().eventLoop().inEventLoop()) {
                        complete(answer, error);
                    } else {
                        request.connection().eventLoop().execute(() -> complete(answer, error));
                    }
                });
            } catch (Throwable failed) {
                complete(null, failed);
            }
        }

        /** Once. Whatever goes wrong, out of memory included, the request's bytes are given back. */
        private void complete(@Nullable AbstractResponse answer, @Nullable Throwable error) {
            try {
                respond(answer, error);
            } catch (Throwable unanswerable) {
                LOG.error("Cannot answer {}", request.header(), unanswerable);
                close();
            } finally {
                finished(frame, request.header().apiKey(), startedNanos);
                updateReading();
                closeIfAnswered();
            }
        }

        private void respond(@Nullable AbstractResponse answer, @Nullable Throwable error) {
            AbstractResponse response = error == null ? answer : errorResponse(error);
            if (slot != null && response != null) {
                slot.fill(ResponseEncoder.encode(
                        request.context(),
                        response,
                        Objects.requireNonNull(context).alloc()));
                mute(response.throttleTimeMs());
            } else if (slot != null || error != null) {
                // Without an answer the client learns of the failure by the closed connection (acks=0).
                close();
            }
        }

        private @Nullable AbstractResponse errorResponse(Throwable error) {
            Throwable cause =
                    error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
            if (!(cause instanceof ApiException)) {
                LOG.error("Request {} of {} failed", request.header(), request.connection(), cause);
            }
            return slot == null ? null : request.body().getErrorResponse(0, cause);
        }
    }

    private void mute(int throttleMs) {
        if (throttleMs > 0) {
            mutes++;
            Objects.requireNonNull(context)
                    .executor()
                    .schedule(
                            () -> {
                                mutes--;
                                updateReading();
                            },
                            throttleMs,
                            TimeUnit.MILLISECONDS);
        }
    }

    private void release(ByteBuf frame) {
        RequestBudget budget = memory.of(frame.getShort(0));
        int bytes = frame.capacity();
        frame.release();
        budget.free(bytes);
    }

    private void finished(ByteBuf frame, @Nullable ApiKeys api, long startedNanos) {
        release(frame);
        inFlight--;
        if (api == null) {
            metrics.inFlight.decrementAndGet();
        } else {
            metrics.answered(api, System.nanoTime() - startedNanos);
        }
    }

    private void write(EncodedResponse answer) {
        ChannelHandlerContext ctx = Objects.requireNonNull(context);
        long bytes = 0;
        int last = answer.buffers().size() - 1;
        for (int i = 0; i <= last; i++) {
            ByteBuf buffer = answer.buffers().get(i);
            bytes += buffer.readableBytes();
            if (i == last && !answer.whenGone().isEmpty()) {
                ctx.write(buffer).addListener(written -> answer.gone());
            } else {
                ctx.write(buffer, ctx.voidPromise());
            }
        }
        metrics.sent(bytes);
        ctx.flush();
        if (idleness != null) {
            idleness.resetReadTimeout();
        }
    }

    private void updateReading() {
        ChannelHandlerContext ctx = context;
        if (ctx == null || closing) {
            return;
        }
        boolean read = inFlight < maxInFlight
                && !leaving
                && mutes == 0
                && !waitsForMemory.getAsBoolean()
                && ctx.channel().isWritable();
        if (ctx.channel().config().isAutoRead() != read) {
            ctx.channel().config().setAutoRead(read);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        updateReading();
        ctx.fireChannelWritabilityChanged();
    }

    /** Serves what is under way and nothing more. Any thread. */
    private void leave() {
        try {
            Objects.requireNonNull(client).eventLoop().execute(() -> {
                leaving = true;
                updateReading();
                closeIfAnswered();
            });
        } catch (RejectedExecutionException stopping) {
            LOG.debug("The connection's event loop has stopped, and its connections with it", stopping);
        }
    }

    private void closeIfAnswered() {
        ChannelHandlerContext ctx = Objects.requireNonNull(context);
        if (leaving && !closing && inFlight == 0) {
            LOG.debug(
                    "Closing the connection of {}: a request waited in vain",
                    ctx.channel().remoteAddress());
            closing = true;
            // Behind the answers that are not written yet.
            ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        }
    }

    private void close() {
        closing = true;
        Objects.requireNonNull(context).close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        closing = true;
        if (order != null) {
            order.close();
            metrics.connections.decrementAndGet();
        }
        end.end();
        ctx.fireChannelInactive();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == RequestFrameDecoder.Event.WAITING_CHANGED) {
            updateReading();
        } else if (event instanceof IdleStateEvent idle) {
            closeIfIdle(ctx, idle.isFirst());
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }

    /**
     * For long the client has asked nothing, and nothing was answered. It is idle unless it is owed an answer or still
     * takes the last one.
     *
     * @param first since it asked or was answered
     */
    private void closeIfIdle(ChannelHandlerContext ctx, boolean first) {
        ChannelOutboundBuffer output = ctx.channel().unsafe().outboundBuffer();
        long unsent = output == null ? 0 : output.totalPendingWriteBytes();
        boolean takes = first ? unsent > 0 : unsent != unsentWhenIdle;
        unsentWhenIdle = unsent;
        if (inFlight == 0 && !waitsForMemory.getAsBoolean() && !takes) {
            LOG.debug("Closing the idle connection of {}", ctx.channel().remoteAddress());
            close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException) {
            LOG.debug("Connection of {} broke", ctx.channel().remoteAddress(), cause);
        } else {
            LOG.warn("Closing the connection of {}: {}", ctx.channel().remoteAddress(), cause.toString());
            LOG.debug("Why it is closed", cause);
        }
        closing = true;
        ctx.close();
    }
}
