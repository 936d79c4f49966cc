package io.siltstone.tiering.upload;

import io.siltstone.format.PartitionKeys;
import io.siltstone.format.manifest.ManifestRange;
import io.siltstone.format.segment.SegmentSource;
import io.siltstone.log.EntryKind;
import io.siltstone.log.PartitionId;
import io.siltstone.log.chain.ChainSegment;
import io.siltstone.log.chain.SegmentEnd;
import io.siltstone.log.writer.Replicas;
import io.siltstone.log.writer.Replicas.Entry;
import io.siltstone.log.writer.Timers;
import io.siltstone.tiering.store.ObjectStore;
import io.siltstone.tiering.store.ObjectStoreException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies closed segments that wait into one new object: the first, and further ones while the object is still small.
 * Confined to the partition's event loop, which reads from the replicas; a worker makes the object. While the worker has
 * one piece in hand the next is read, never more.
 */
final class SegmentCopy {

    private static final Logger log = LoggerFactory.getLogger(SegmentCopy.class);

    /** How the copy ended. */
    sealed interface Outcome {
        /** The object is in the bucket and was checked there; nothing names it yet. */
        record Uploaded(ManifestRange range) implements Outcome {}

        record Failed(String why) implements Outcome {}
    }

    /** What a copy works with. */
    record Context(
            PartitionId partition,
            PartitionKeys keys,
            String topicName,
            Replicas replicas,
            Timers timers,
            Executor loop,
            ObjectStore store,
            OpenTransactions transactions,
            TieringSettings settings) {}

    /** Entries that were read and wait for the worker, and where they began. */
    private record Piece(Place from, EntryReader.Result.Entries read) {}

    /** Where to read on, and what was read before. */
    private record Place(int segment, long entry, long offset, long bytes) {}

    private final Context context;
    private final List<ChainSegment.Closed> segments;
    private final String key;
    private final TieringWorkers.Slot slot;
    private final Consumer<Outcome> done;
    private final ObjectAssembly assembly;
    private final List<EntryReader> readers;
    private Place next;
    private int mismatches;
    private int generation;
    private @Nullable Piece waiting;
    private boolean reading;
    private boolean working;
    private boolean readAll;
    private boolean over;

    /**
     * A copy that has not begun.
     *
     * @param segments closed, with records, each starting where the one before ended
     * @param key a fresh one that carries the owner's epoch
     * @param slot given back when the copy ends
     */
    SegmentCopy(
            Context context,
            List<ChainSegment.Closed> segments,
            String key,
            TieringWorkers.Slot slot,
            Consumer<Outcome> done) {
        this.context = context;
        this.segments = segments;
        this.key = key;
        this.slot = slot;
        this.done = done;
        ChainSegment.Closed first = segments.get(0);
        this.next = new Place(0, 0, first.baseOffset(), 0);
        this.readers = segments.stream()
                .map(segment -> new EntryReader(
                        context.partition(), segment, context.replicas(), context.timers(), context.settings()))
                .toList();
        this.assembly = new ObjectAssembly(
                key,
                new SegmentSource(
                        context.topicName(),
                        context.partition().topic(),
                        context.partition().partition(),
                        first.number(),
                        first.number(),
                        first.baseOffset()),
                context.store(),
                context.transactions());
    }

    void start() {
        pump();
    }

    /** The owner is no more: stop soon, tell nobody. */
    void cancel() {
        if (!over) {
            over = true;
            discard();
            if (!working) {
                abandon();
            }
        }
    }

    /** Batch bytes read so far. */
    long bytes() {
        return next.bytes();
    }

    private void pump() {
        if (over) {
            return;
        }
        Piece piece = waiting;
        if (!working && piece != null) {
            waiting = null;
            working = true;
            work(() -> hand(piece), intact -> handed(piece, intact));
        }
        if (!reading && !readAll && waiting == null) {
            reading = true;
            int asked = generation;
            readers.get(next.segment()).read(next.entry(), next.offset(), result -> answered(asked, result));
        }
        if (readAll && !working && waiting == null) {
            finish();
        }
    }

    private void answered(int asked, EntryReader.Result result) {
        boolean stale = over || asked != generation;
        if (result instanceof EntryReader.Result.Entries read) {
            if (stale) {
                EntryReader.release(read.entries());
                return;
            }
            reading = false;
            waiting = new Piece(next, read);
            next = placeAfter(read.entries());
            pump();
        } else if (result instanceof EntryReader.Result.Failed failed && !stale) {
            reading = false;
            fail(failed.why());
        }
    }

    /** The place behind the entries; goes over to the next segment while the object is small. */
    private Place placeAfter(List<Entry> entries) {
        long entry = next.entry();
        long offset = next.offset();
        long bytes = next.bytes();
        for (Entry each : entries) {
            entry = each.header().entry() + 1;
            if (each.header().kind() == EntryKind.BATCHES) {
                offset = each.header().endOffset();
                bytes += each.header().length();
            }
        }
        int segment = next.segment();
        if (entry > segments.get(segment).end().lastEntry()) {
            readAll = segment + 1 == segments.size()
                    || bytes >= context.settings().mergeBelowBytes();
            return readAll ? new Place(segment, entry, offset, bytes) : new Place(segment + 1, 0, offset, bytes);
        }
        return new Place(segment, entry, offset, bytes);
    }

    /** On the worker. False where the bytes do not match their checksums. */
    private CompletionStage<Boolean> hand(Piece piece) {
        List<Entry> entries = piece.read().entries();
        if (!ObjectAssembly.areIntact(entries)) {
            EntryReader.release(entries);
            return CompletableFuture.completedFuture(false);
        }
        if (piece.from().segment() > 0 && piece.from().entry() == 0) {
            assembly.extendTo(segments.get(piece.from().segment()).number());
        }
        return assembly.take(entries).thenApply(taken -> true);
    }

    private void handed(Piece piece, boolean intact) {
        if (intact) {
            pump();
            return;
        }
        Place from = piece.from();
        ChainSegment.Closed segment = segments.get(from.segment());
        log.error(
                "Partition {}: disk {} gave bytes of segment {} from entry {} on that do not match their checksums",
                context.partition(),
                piece.read().disk(),
                segment.number(),
                from.entry());
        if (++mismatches > segment.replicas().size()) {
            fail("no replica gives entry " + from.entry() + " of segment " + segment.number() + " intact");
            return;
        }
        generation++;
        reading = false;
        readAll = false;
        discard();
        next = from;
        readers.get(from.segment()).avoid(piece.read().disk());
        pump();
    }

    private void finish() {
        working = true;
        ChainSegment.Closed greatest = segments.get(0);
        for (ChainSegment.Closed segment : segments.subList(0, next.segment() + 1)) {
            if (segment.end().maxTimestamp() > greatest.end().maxTimestamp()) {
                greatest = segment;
            }
        }
        SegmentEnd end = segments.get(next.segment()).end();
        long timestampOffset = greatest.end().maxTimestampOffset();
        work(() -> assembly.finish(end, timestampOffset), range -> {
            over = true;
            slot.release();
            done.accept(new Outcome.Uploaded(range));
        });
    }

    /** Runs on the worker, and hears the end on the event loop. */
    private <T> void work(Callable<CompletionStage<T>> task, Consumer<T> then) {
        CompletableFuture<T> result = new CompletableFuture<>();
        slot.executor().execute(() -> {
            try {
                task.call().whenComplete((value, failure) -> {
                    if (failure == null) {
                        result.complete(value);
                    } else {
                        result.completeExceptionally(failure);
                    }
                });
            } catch (Exception e) {
                result.completeExceptionally(e);
            }
        });
        var unused = result.whenCompleteAsync(
                (value, failure) -> {
                    working = false;
                    if (over) {
                        abandon();
                    } else if (failure != null) {
                        fail(ObjectStoreException.from(failure, key).getMessage());
                    } else {
                        then.accept(value);
                    }
                },
                context.loop());
    }

    private void fail(@Nullable String why) {
        over = true;
        discard();
        if (!working) {
            abandon();
        }
        done.accept(new Outcome.Failed(String.valueOf(why)));
    }

    private void discard() {
        if (waiting != null) {
            EntryReader.release(waiting.read().entries());
            waiting = null;
        }
    }

    /** Nothing runs any more: the half-made object goes, and the slot with it. */
    private void abandon() {
        slot.executor().execute(assembly::abort);
        slot.release();
    }
}
