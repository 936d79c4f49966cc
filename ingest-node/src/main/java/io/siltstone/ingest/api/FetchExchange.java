package io.siltstone.ingest.api;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.siltstone.ingest.connection.ConnectionEnd;
import io.siltstone.ingest.connection.ReadBudget;
import io.siltstone.ingest.partition.HighWatermarkWaiters;
import io.siltstone.ingest.partition.Partition;
import io.siltstone.ingest.partition.PartitionLoop;
import io.siltstone.ingest.partition.Partitions;
import io.siltstone.metadata.ClusterImage;
import io.siltstone.metadata.ClusterView;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;
import org.apache.kafka.server.FetchContext;
import org.jspecify.annotations.Nullable;

/**
 * One fetch under way: asks every partition on its loop, waits for more where there is too little, then reads what lies
 * outside the tail cache, and answers. Confined to the connection's event loop, but for what it does on the partitions'.
 *
 * <p>It ends when the client is gone. While {@value #MOST_AT_ONCE} fetches of a connection are under way, the next one
 * does not wait: it gets what there is.
 *
 * <p>Each round asks all partitions anew. Whatever was read and does not fit into the answer is released unsent.
 */
final class FetchExchange {

    /** What one answer holds at most, whatever the client allows: it pins the tail, or takes memory of its own. */
    private static final int MAX_ANSWER_BYTES = 16 << 20;
    /** Earlier answers have no place for the addresses of new leaders. */
    private static final short LEADER_MIN_VERSION = 16;

    private static final long MEMORY_RETRY_MS = 10;
    /** Answers go in order, so more than one serves only who asks before the first answer is there. */
    private static final int MOST_AT_ONCE = 8;

    private final EventLoop loop;
    private final ConnectionEnd end;
    private final Runnable whenGone = this::clientIsGone;
    private final FetchContext context;
    private final Partitions partitions;
    private final ClusterView view;
    private final ReadBudget budget;
    private final int maxBytes;
    private final int minBytes;
    private final long maxWaitMs;
    private final boolean namesLeaders;
    private final List<FetchedPartition> wanted = new ArrayList<>();
    private final Map<PartitionLoop, List<FetchedPartition>> byLoop = new LinkedHashMap<>();
    private final CompletableFuture<AbstractResponse> done = new CompletableFuture<>();
    private @Nullable ScheduledFuture<?> timeout;
    private @Nullable Wait wait;
    private boolean timeIsUp;

    FetchExchange(
            FetchRequest body,
            FetchContext context,
            Partitions partitions,
            ClusterView view,
            ReadBudget budget,
            EventLoop loop,
            ConnectionEnd end) {
        this.loop = loop;
        this.end = end;
        this.context = context;
        this.partitions = partitions;
        this.view = view;
        this.budget = budget;
        this.maxBytes = Math.min(body.maxBytes(), MAX_ANSWER_BYTES);
        this.minBytes = Math.min(body.minBytes(), maxBytes);
        this.maxWaitMs = Math.max(0, body.maxWait());
        this.namesLeaders = body.version() >= LEADER_MIN_VERSION;
    }

    CompletionStage<AbstractResponse> start() {
        ClusterImage image = view.image();
        context.foreachPartition((topic, asked) -> wanted.add(prepare(image, topic, asked)));
        for (FetchedPartition each : wanted) {
            if (each.partition() != null) {
                byLoop.computeIfAbsent(each.partition().loop(), ignored -> new ArrayList<>())
                        .add(each);
            }
        }
        if (end.waiting() >= MOST_AT_ONCE) {
            timeIsUp = true;
        }
        end.await(whenGone);
        if (!done.isDone()) {
            ask();
        }
        return done;
    }

    private FetchedPartition prepare(ClusterImage image, TopicIdPartition topic, FetchRequest.PartitionData asked) {
        FetchedPartition each = new FetchedPartition(topic, asked);
        try {
            Partition owned = partitions
                    .find(TopicLookup.partition(image, topic.topic(), topic.topicId(), topic.partition()))
                    .orElseThrow(Errors.NOT_LEADER_OR_FOLLOWER::exception);
            each.foundAt(owned);
        } catch (RuntimeException unknown) {
            each.fail(Errors.forException(unknown));
        }
        return each;
    }

    /** One round: every partition is asked on its loop; the last answer goes on here. */
    private void ask() {
        Wait next = new Wait();
        wait = next;
        AtomicInteger open = new AtomicInteger(byLoop.size());
        if (byLoop.isEmpty()) {
            asked(next);
            return;
        }
        byLoop.forEach((partitionLoop, pieces) -> onLoop(partitionLoop.eventLoop(), () -> {
            for (FetchedPartition piece : pieces) {
                piece.look(next);
            }
            if (open.decrementAndGet() == 0) {
                onLoop(loop, () -> asked(next));
            }
        }));
    }

    private void asked(Wait round) {
        if (done.isDone()) {
            round.over();
            wanted.forEach(FetchedPartition::release);
            return;
        }
        long available = 0;
        boolean failed = wanted.isEmpty();
        for (FetchedPartition each : wanted) {
            available += each.availableBytes();
            failed |= each.error() != Errors.NONE;
        }
        if (available < minBytes && !failed && !timeIsUp && maxWaitMs > 0) {
            wanted.forEach(FetchedPartition::release);
            if (timeout == null) {
                timeout = loop.schedule(this::timeIsUp, maxWaitMs, TimeUnit.MILLISECONDS);
            }
            round.arm();
            return;
        }
        round.over();
        readBacklog();
    }

    /** Nobody reads the answer: what is under way on other loops finds out when it comes back. */
    private void clientIsGone() {
        if (timeout != null) {
            timeout.cancel(false);
        }
        Wait current = wait;
        if (current != null) {
            current.over();
        }
        done.completeExceptionally(new DisconnectException("the client is gone"));
    }

    private void timeIsUp() {
        timeIsUp = true;
        Wait current = wait;
        if (current != null) {
            current.wake();
        }
    }

    /** Once, for what is not given back by the answer itself. */
    private void dropAll() {
        for (FetchedPartition each : wanted) {
            each.toResponse();
            each.releaseUnsent();
        }
    }

    /** Reads what is not in the tail cache, as far as answer and memory have room beside what is. */
    private void readBacklog() {
        int room = maxBytes;
        boolean first = true;
        boolean refused = false;
        List<FetchedPartition> backlog = new ArrayList<>();
        for (FetchedPartition each : wanted) {
            if (each.availableBytes() == 0) {
                continue;
            }
            int most = first ? each.maxBytes() : Math.min(room, each.maxBytes());
            if (most <= 0 || (!first && !each.needsRead() && each.availableBytes() > room)) {
                each.release();
                continue;
            }
            if (each.needsRead()) {
                if (!budget.take(most)) {
                    refused = true;
                    each.release();
                    continue;
                }
                each.limit(most, () -> budget.giveBack(most));
                backlog.add(each);
            }
            first = false;
            room -= each.needsRead() ? most : (int) each.availableBytes();
        }
        if (backlog.isEmpty()) {
            if (refused && first) {
                // Nothing but what has to wait for memory: the client is not told "nothing there".
                loop.schedule(this::askAgain, MEMORY_RETRY_MS, TimeUnit.MILLISECONDS);
            } else {
                answer();
            }
            return;
        }
        AtomicInteger open = new AtomicInteger(backlog.size());
        for (FetchedPartition each : backlog) {
            onLoop(
                    each.eventLoop(),
                    () -> each.read(() -> {
                        if (open.decrementAndGet() == 0) {
                            onLoop(loop, this::answer);
                        }
                    }));
        }
    }

    private void askAgain() {
        if (!done.isDone()) {
            ask();
        }
    }

    private void answer() {
        if (done.isDone()) {
            dropAll();
            return;
        }
        end.forget(whenGone);
        if (timeout != null) {
            timeout.cancel(false);
        }
        LinkedHashMap<TopicIdPartition, FetchResponseData.PartitionData> data = new LinkedHashMap<>();
        List<Node> endpoints = new ArrayList<>();
        for (FetchedPartition each : wanted) {
            FetchResponseData.PartitionData answer = each.toResponse();
            if (namesLeaders) {
                each.nameNewLeader(view.image(), answer, endpoints);
            }
            data.put(each.topic(), answer);
        }
        FetchResponse response = context.updateAndGenerateResponseData(data, endpoints);
        if (response.error() != Errors.NONE) {
            wanted.forEach(FetchedPartition::releaseUnsent);
        }
        done.complete(response);
    }

    private static void onLoop(EventLoop target, Runnable action) {
        if (target.inEventLoop()) {
            action.run();
        } else {
            target.execute(action);
        }
    }

    /** One round's wait: woken by the first partition that has more, or by the end of the time. */
    final class Wait implements HighWatermarkWaiters.Waiter {

        private final AtomicBoolean over = new AtomicBoolean();
        private boolean armed;
        private boolean woken;

        @Override
        public boolean isOver() {
            return over.get();
        }

        void over() {
            over.set(true);
        }

        /** The round found too little: the next wake-up starts another. */
        void arm() {
            armed = true;
            if (woken) {
                again();
            }
        }

        @Override
        public void wake() {
            onLoop(loop, () -> {
                woken = true;
                if (armed) {
                    again();
                }
            });
        }

        private void again() {
            if (over.compareAndSet(false, true)) {
                ask();
            }
        }
    }

    /** Buffers of one partition's answer. */
    static int sizeOf(List<ByteBuf> buffers) {
        int bytes = 0;
        for (ByteBuf buffer : buffers) {
            bytes += buffer.readableBytes();
        }
        return bytes;
    }
}
