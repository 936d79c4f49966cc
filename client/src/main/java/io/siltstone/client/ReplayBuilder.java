package io.siltstone.client;

import io.siltstone.client.source.HistorySource;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What to replay and how; {@link #start} begins. Not thread-safe. */
public final class ReplayBuilder {

    private static final long DEFAULT_PREFETCH_BYTES = 64L << 20;

    final HistorySource source;
    final Map<String, Set<Integer>> topics = new LinkedHashMap<>();
    Bound from = Bound.earliest();
    Bound to = Bound.latest();
    boolean orderedByTime;
    boolean thenFollow;
    Pace pace = Pace.asFast();
    long prefetchBytes = DEFAULT_PREFETCH_BYTES;

    @Nullable
    ResumeToken resume;

    Consumer<ReplayProgress> progress = reached -> {};
    PaceClock clock = PaceClock.SYSTEM;

    ReplayBuilder(HistorySource source) {
        this.source = source;
    }

    /** Adds topics with all their partitions. */
    public ReplayBuilder topics(String... names) {
        for (String name : names) {
            topics.put(name, Set.of());
        }
        return this;
    }

    /** Adds a topic with some of its partitions. */
    public ReplayBuilder partitions(String topic, Integer... partitions) {
        topics.put(topic, new TreeSet<>(Arrays.asList(partitions)));
        return this;
    }

    /** Where to start; the earliest offset unless told. */
    public ReplayBuilder from(Bound start) {
        from = start;
        return this;
    }

    /** Where to end, exclusively; the end as it is when the replay starts unless told. */
    public ReplayBuilder to(Bound end) {
        to = end;
        return this;
    }

    /**
     * Merges all partitions by timestamp; within a partition offset order wins. Without it records come in offset order
     * within each partition and in any order between them.
     */
    public ReplayBuilder orderedByTime() {
        orderedByTime = true;
        return this;
    }

    public ReplayBuilder pace(Pace wanted) {
        pace = wanted;
        return this;
    }

    /** A limit on the bytes that are fetched ahead, for all partitions together; 64 MiB unless told. */
    public ReplayBuilder prefetchBytes(long bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("nothing can be read ahead in " + bytes + " bytes");
        }
        prefetchBytes = bytes;
        return this;
    }

    /** Told on the replay's own thread, at most a few times a second and once at the end. */
    public ReplayBuilder onProgress(Consumer<ReplayProgress> listener) {
        progress = listener;
        return this;
    }

    /**
     * Goes on with live records from the exact next offset of each partition, in the order of their arrival, until the
     * replay is closed.
     */
    public ReplayBuilder thenFollow() {
        thenFollow = true;
        return this;
    }

    /** Goes on where the token was taken, with its topics, partitions and ends. */
    public ReplayBuilder resume(String token) {
        resume = ResumeToken.decode(token);
        return this;
    }

    ReplayBuilder clock(PaceClock other) {
        clock = other;
        return this;
    }

    /**
     * Asks the source for what there is, checks the newest roots of each partition, and starts to read ahead.
     *
     * @throws io.siltstone.client.source.HistoryException where the source cannot be read or lacks a topic
     * @throws io.siltstone.format.CorruptObjectException where the manifest is damaged
     */
    public Replay start() {
        if (thenFollow && !(to instanceof Bound.Latest)) {
            throw new IllegalArgumentException("a replay that follows live has no end of its own");
        }
        if ((resume == null) == topics.isEmpty()) {
            throw new IllegalArgumentException("name topics, or a token to resume, and not both");
        }
        ReplayScope scope = ReplayScope.resolve(this);
        return new Replay(this, scope);
    }
}
