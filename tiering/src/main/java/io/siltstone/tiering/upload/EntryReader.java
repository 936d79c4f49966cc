package io.siltstone.tiering.upload;

import io.siltstone.log.DiskId;
import io.siltstone.log.EntryHeader;
import io.siltstone.log.EntryKind;
import io.siltstone.log.PartitionId;
import io.siltstone.log.SegmentId;
import io.siltstone.log.chain.ChainSegment;
import io.siltstone.log.writer.Replicas;
import io.siltstone.log.writer.Replicas.Answer;
import io.siltstone.log.writer.Replicas.Entry;
import io.siltstone.log.writer.Timers;
import java.util.List;
import java.util.function.Consumer;

/**
 * Reads one closed segment's entries from whichever replica gives them: the one that answered last, else the next. One
 * read at a time. Confined to the partition's event loop.
 */
final class EntryReader {

    /** What a read came to. */
    sealed interface Result {
        /** At least one entry, in place; the receiver releases the payloads. */
        record Entries(DiskId disk, List<Entry> entries) implements Result {}

        /** No replica gave the entry asked for. */
        record Failed(String why) implements Result {}
    }

    private final SegmentId segment;
    private final ChainSegment.Closed closed;
    private final Replicas replicas;
    private final Timers timers;
    private final TieringSettings settings;
    private int preferred;

    EntryReader(
            PartitionId partition,
            ChainSegment.Closed closed,
            Replicas replicas,
            Timers timers,
            TieringSettings settings) {
        this.segment = new SegmentId(partition, closed.number());
        this.closed = closed;
        this.replicas = replicas;
        this.timers = timers;
        this.settings = settings;
    }

    /** Reads from an entry on, which takes the offset given. */
    void read(long fromEntry, long fromOffset, Consumer<Result> result) {
        new Attempt(fromEntry, fromOffset, closed.replicas().size(), result).ask();
    }

    /** The disk gave bytes that do not match their checksum: ask others first from now on. */
    void avoid(DiskId disk) {
        if (closed.replicas().get(preferred).equals(disk)) {
            preferNext();
        }
    }

    private void preferNext() {
        preferred = (preferred + 1) % closed.replicas().size();
    }

    /** One read, asked of each replica in turn. */
    private final class Attempt {
        private final long fromEntry;
        private final long fromOffset;
        private final Consumer<Result> result;
        private int left;
        private int question;

        Attempt(long fromEntry, long fromOffset, int left, Consumer<Result> result) {
            this.fromEntry = fromEntry;
            this.fromOffset = fromOffset;
            this.left = left;
            this.result = result;
        }

        void ask() {
            int asked = ++question;
            left--;
            DiskId disk = closed.replicas().get(preferred);
            Timers.Timer timeout = timers.schedule(settings.replicaTimeoutMs(), () -> {
                if (asked == question) {
                    failed(disk, "no answer within " + settings.replicaTimeoutMs() + " ms");
                }
            });
            replicas.read(disk, segment, fromEntry, closed.end().lastEntry(), settings.readBytes(), answer -> {
                timeout.cancel();
                if (asked == question) {
                    answered(disk, answer);
                } else if (answer instanceof Answer.Ok<List<Entry>> late) {
                    release(late.value());
                }
            });
        }

        private void answered(DiskId disk, Answer<List<Entry>> answer) {
            if (answer instanceof Answer.Ok<List<Entry>> ok) {
                if (fits(ok.value())) {
                    question++;
                    result.accept(new Result.Entries(disk, ok.value()));
                    return;
                }
                release(ok.value());
                failed(disk, "gave " + ok.value().size() + " entries that do not follow one another");
            } else if (answer instanceof Answer.Failed<List<Entry>> failure) {
                failed(disk, failure.why());
            } else {
                failed(disk, "says that it may have lost the segment");
            }
        }

        private void failed(DiskId disk, String why) {
            question++;
            preferNext();
            if (left > 0) {
                ask();
            } else {
                result.accept(new Result.Failed("no replica gives entry " + fromEntry + " of segment " + segment
                        + "; the last one asked, " + disk + ": " + why));
            }
        }

        private boolean fits(List<Entry> entries) {
            long entry = fromEntry;
            long offset = fromOffset;
            for (Entry each : entries) {
                EntryHeader header = each.header();
                boolean placed = header.segment().equals(segment)
                        && header.entry() == entry
                        && header.length() == each.payload().readableBytes()
                        && (header.kind() == EntryKind.SNAPSHOT || header.baseOffset() == offset);
                if (!placed) {
                    return false;
                }
                entry++;
                offset = header.kind() == EntryKind.SNAPSHOT ? offset : header.endOffset();
            }
            long lastEntry = closed.end().lastEntry();
            long endOffset = closed.end().endOffset();
            return entry > fromEntry
                    && entry <= lastEntry + 1
                    && (entry <= lastEntry ? offset <= endOffset : offset == endOffset);
        }
    }

    static void release(List<Entry> entries) {
        entries.forEach(entry -> entry.payload().release());
    }
}
