package io.siltstone.ingest.quota;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.siltstone.log.writer.Timers;
import io.siltstone.metadata.ClusterView;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.DoubleSupplier;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a node's producers to the pace that the disks' room allows. Thread-safe; its lock guards the credit, the line, and
 * the last reading against the end.
 *
 * <p>Produce requests take turns, first come, first served: a request begins when there is credit, and its bytes are
 * taken from it. Credit grows at the pace. Besides, each answer tells its client how long to wait before the next request
 * ({@link #throttleMs}), so that a client of Kafka's waits by itself and the line stays short. The line is bounded by
 * the node's budget for produce requests, which count while they wait.
 *
 * <p>Invariants: turns that go to one executor begin in the order in which they were asked for; a turn that is late takes
 * with it every later one of its sender that waits. (If a producer's next batch passed the one that it must repeat, the
 * repetition would be out of sequence for ever. Who is late therefore asks for no more turns.)
 */
public final class ProduceQuota implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ProduceQuota.class);

    private static final long TICK_MS = 250;
    private static final int LONGEST_THROTTLE_MS = 5_000;
    private static final long QUIET_MS = 10_000;

    /** What is saved up at most while nobody asks, in seconds of the pace: timers are no finer than milliseconds. */
    private static final double BURST_SECONDS = 0.1;

    /** A request that waits for its turn. Called on its own executor. */
    public interface Turn {

        void begin();

        /** It, or an earlier turn of its sender, waited longer than it had patience; it has not begun. */
        void late();

        /** It need not begin any more: nobody waits for it, and its sender counts it as not sent; asked on any thread. */
        boolean isPointless();

        /** The same object for all turns whose order matters to who sent them, a connection's; asked on any thread. */
        Object sender();
    }

    /** A pace and what it was made of, for the log. */
    record Reading(ProducePace pace, RecordRoom room, double drainedBytesPerSecond) {}

    private record Waiting(long bytes, long sinceMs, long deadlineMs, Executor executor, Turn turn) {}

    private final Supplier<Reading> readings;
    private final Timers timers;
    private final Counter throttled;
    private final Timer held;
    /** Turns in the line, and those that left it and have not begun. While there is one, nobody overtakes. */
    private final AtomicInteger unsettled = new AtomicInteger();

    private final Queue<Waiting> line = new ArrayDeque<>();
    private volatile Reading reading;
    private volatile boolean closed;
    private volatile long slowedMs = Long.MIN_VALUE;
    private long slowedSinceMs = Long.MIN_VALUE;
    private double credit;
    private long creditMs;
    private long waitingBytes;
    private boolean wakeScheduled;

    /**
     * The quota of a node, in force until it is closed.
     *
     * @param copies the ack quorum of topics that do not say otherwise
     * @param tieredBytes what the bucket has taken from this node, ever
     * @param timers of the event loop on which the pace is decided
     */
    public static ProduceQuota start(
            ClusterView view, IntSupplier copies, DoubleSupplier tieredBytes, Timers timers, MeterRegistry registry) {
        return new ProduceQuota(new DiskPressure(view, copies, tieredBytes, timers::nowMs), timers, registry);
    }

    /** A quota that reads its pace four times a second, on the timers' event loop. */
    ProduceQuota(Supplier<Reading> readings, Timers timers, MeterRegistry registry) {
        this.readings = readings;
        this.timers = timers;
        this.reading = new Reading(ProducePace.FREE, RecordRoom.UNKNOWN, 0);
        this.creditMs = timers.nowMs();
        this.throttled = Counter.builder("siltstone.ingest.produce.throttled")
                .description("Produce requests whose clients were asked to wait")
                .register(registry);
        this.held = Timer.builder("siltstone.ingest.produce.held.time")
                .description("How long produce requests waited for their turn")
                .register(registry);
        Gauge.builder("siltstone.ingest.produce.held", unsettled, AtomicInteger::get)
                .description("Produce requests that wait for their turn")
                .register(registry);
        Gauge.builder(
                        "siltstone.ingest.produce.limit.bytes",
                        this,
                        quota -> quota.reading.pace().bytesPerSecond())
                .description("Bytes a second that producers may append; infinite where they are not slowed")
                .register(registry);
        timers.schedule(TICK_MS, this::tick);
    }

    /** Monotonic, as deadlines are counted. */
    public long nowMs() {
        return timers.nowMs();
    }

    /**
     * Begins the turn now, on the calling thread, or later, on its executor.
     *
     * @param bytes of record batches
     * @param deadlineMs on {@link #nowMs}'s clock; after it the turn is told that it is late
     * @param executor the same for all turns that must keep their order
     */
    public void admit(long bytes, long deadlineMs, Executor executor, Turn turn) {
        if (unsettled.get() == 0 && (reading.pace().isFree() || takes(bytes))) {
            turn.begin();
            return;
        }
        unsettled.incrementAndGet();
        slowedMs = nowMs();
        synchronized (this) {
            line.add(new Waiting(bytes, nowMs(), deadlineMs, executor, turn));
            waitingBytes += bytes;
            scheduleWake();
        }
    }

    /** How long a client should wait before its next produce request, in milliseconds; 0 where it need not. */
    public int throttleMs() {
        Reading now = reading;
        if (now.pace().isFree()) {
            return 0;
        }
        double debt;
        synchronized (this) {
            refill();
            debt = waitingBytes - credit;
        }
        if (debt <= 0) {
            return 0;
        }
        slowedMs = nowMs();
        throttled.increment();
        return (int)
                Math.min(LONGEST_THROTTLE_MS, Math.ceil(debt * 1000 / now.pace().bytesPerSecond()));
    }

    private synchronized boolean takes(long bytes) {
        refill();
        if (!line.isEmpty() || credit <= 0) {
            return false;
        }
        credit -= bytes;
        return true;
    }

    private void refill() {
        long nowMs = nowMs();
        ProducePace pace = reading.pace();
        if (pace.isFree()) {
            credit = 0;
        } else {
            double most = pace.bytesPerSecond() * BURST_SECONDS;
            credit = Math.min(most, credit + pace.bytesPerSecond() * (nowMs - creditMs) / 1000);
        }
        creditMs = nowMs;
    }

    private void scheduleWake() {
        double bytesPerSecond = reading.pace().bytesPerSecond();
        double delayMs = Math.max(1, Math.ceil((1 - credit) * 1000 / bytesPerSecond));
        if (!wakeScheduled && !line.isEmpty() && delayMs < TICK_MS) {
            wakeScheduled = true;
            timers.schedule((long) delayMs, () -> {
                synchronized (this) {
                    wakeScheduled = false;
                }
                advance();
            });
        }
    }

    /** Lets those begin whose turn it is. */
    private void advance() {
        List<Waiting> ready = new ArrayList<>();
        synchronized (this) {
            refill();
            while (!line.isEmpty() && (reading.pace().isFree() || credit > 0)) {
                Waiting next = line.remove();
                credit -= next.bytes();
                waitingBytes -= next.bytes();
                ready.add(next);
            }
            scheduleWake();
        }
        long nowMs = nowMs();
        for (Waiting each : ready) {
            held.record(nowMs - each.sinceMs(), TimeUnit.MILLISECONDS);
            settle(each, each.turn()::begin);
        }
    }

    private void expire() {
        long nowMs = nowMs();
        Set<Object> lateSenders = new HashSet<>();
        List<Waiting> late = new ArrayList<>();
        synchronized (this) {
            for (Iterator<Waiting> all = line.iterator(); all.hasNext(); ) {
                Waiting each = all.next();
                Object sender = each.turn().sender();
                if (each.deadlineMs() <= nowMs
                        || lateSenders.contains(sender)
                        || each.turn().isPointless()) {
                    lateSenders.add(sender);
                    all.remove();
                    waitingBytes -= each.bytes();
                    late.add(each);
                }
            }
        }
        late.forEach(each -> settle(each, each.turn()::late));
    }

    private void settle(Waiting waiting, Runnable end) {
        try {
            waiting.executor().execute(() -> {
                unsettled.decrementAndGet();
                end.run();
            });
        } catch (RejectedExecutionException stopping) {
            unsettled.decrementAndGet();
            LOG.debug("A produce request is dropped: its event loop has stopped", stopping);
        }
    }

    private void tick() {
        if (closed) {
            return;
        }
        try {
            take(readings.get());
            expire();
            advance();
            tell();
        } catch (RuntimeException failed) {
            LOG.error("The pace of producers could not be decided, it is tried again", failed);
        } finally {
            timers.schedule(TICK_MS, this::tick);
        }
    }

    /** A reading that the end overtook counts no more. */
    private synchronized void take(Reading next) {
        if (!closed) {
            reading = next;
        }
    }

    /** The log says when producers begin to be slowed, and when they have not been for a while. */
    private void tell() {
        long last = slowedMs;
        boolean slowed = last != Long.MIN_VALUE && nowMs() - last < QUIET_MS;
        if (slowed && slowedSinceMs == Long.MIN_VALUE && !reading.pace().isFree()) {
            slowedSinceMs = last;
            Reading now = reading;
            LOG.warn(
                    "Producers are slowed to {} bytes/s: the storage disks have room for {} of {} bytes of records, the"
                            + " bucket takes {} bytes/s from this node",
                    (long) now.pace().bytesPerSecond(),
                    now.room().freeBytes(),
                    now.room().capacityBytes(),
                    (long) now.drainedBytesPerSecond());
        } else if (!slowed && slowedSinceMs != Long.MIN_VALUE) {
            LOG.info("Producers are not slowed any more, after {} s", (last - slowedSinceMs) / 1000);
            slowedSinceMs = Long.MIN_VALUE;
        }
    }

    /** Reads no more; who waits is let begin. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            reading = new Reading(ProducePace.FREE, RecordRoom.UNKNOWN, 0);
        }
        advance();
    }
}
