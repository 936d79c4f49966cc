package io.siltstone.storage.replica;

import io.siltstone.log.EntryHeader;
import io.siltstone.log.PartitionId;
import io.siltstone.log.SegmentId;
import io.siltstone.storage.index.MovedEntries;
import io.siltstone.storage.journal.CheckpointInput;
import io.siltstone.storage.journal.CheckpointOutput;
import io.siltstone.storage.journal.Checkpoints;
import io.siltstone.storage.journal.Journal;
import io.siltstone.storage.journal.JournalAddress;
import io.siltstone.storage.journal.JournalSpace;
import io.siltstone.storage.journal.RecordFormat;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All that this disk durably holds, rebuilt from the journal. Owned by the core's thread.
 *
 * <p>Invariant: the live bytes told to {@link JournalSpace} are those of the extents of the segments here, and of copies
 * that the index does not point to yet.
 */
final class SegmentStore implements Journal.Index {

    private static final Logger LOG = LoggerFactory.getLogger(SegmentStore.class);

    private final Map<PartitionId, PartitionReplica> partitions = new HashMap<>();
    private JournalSpace space;
    private boolean mayHaveLost;
    private int nextLane;
    private int segments;

    @SuppressWarnings("NullAway.Init") // the journal tells its space first
    SegmentStore() {}

    @Override
    public void openedWith(JournalSpace opened) {
        space = opened;
    }

    /** Whether records that were durable once may be missing. */
    boolean mayHaveLost() {
        return mayHaveLost;
    }

    int segmentCount() {
        return segments;
    }

    Collection<PartitionReplica> partitions() {
        return partitions.values();
    }

    @Nullable
    PartitionReplica partition(PartitionId id) {
        return partitions.get(id);
    }

    @Nullable
    SegmentReplica segment(SegmentId id) {
        PartitionReplica partition = partitions.get(id.partition());
        return partition == null ? null : partition.segment(id.number());
    }

    /** Whether the segment was dropped for good: it lies below its partition's minimum. */
    boolean isDropped(SegmentId id) {
        PartitionReplica partition = partitions.get(id.partition());
        return partition != null && id.number() < partition.minimum();
    }

    /** The partition, made known where it is not. */
    PartitionReplica ensure(PartitionId id) {
        return partitions.computeIfAbsent(id, PartitionReplica::new);
    }

    /** The segment, made known where it is not. */
    SegmentReplica ensure(SegmentId id) {
        PartitionReplica partition = ensure(id.partition());
        SegmentReplica segment = partition.segment(id.number());
        if (segment == null) {
            segment = new SegmentReplica(id, nextLane++ & Integer.MAX_VALUE);
            partition.add(segment);
            segments++;
        }
        return segment;
    }

    @Override
    public void entry(EntryHeader header, long address) {
        if (isDropped(header.segment())) {
            return;
        }
        SegmentReplica segment = ensure(header.segment());
        long next = segment.index().lastEntry() + 1;
        if (header.entry() == next) {
            segment.durable(header, address);
            space.live(JournalAddress.fileNumber(address), RecordFormat.HEADER_BYTES + header.length());
        } else if (header.entry() > next) {
            // Only behind a hole; what is before it stays a prefix, and this is of no use.
            segment.lose();
            mayHaveLost = true;
        }
    }

    @Override
    public void moved(EntryHeader header, long address) {
        SegmentReplica segment = segment(header.segment());
        if (segment != null && header.entry() <= segment.index().lastEntry()) {
            int bytes = RecordFormat.HEADER_BYTES + header.length();
            space.live(JournalAddress.fileNumber(address), bytes);
            long replaced = segment.moved(header, address);
            if (replaced >= 0) {
                space.live(JournalAddress.fileNumber(replaced), -bytes);
            }
        }
    }

    /** Points the segment's index to the copies that were made of its entries. */
    void settleMoves(SegmentReplica segment) {
        MovedEntries moves = forgetMoves(segment);
        if (moves == null) {
            return;
        }
        segment.index().relocate(moves, (address, bytes) -> {
            space.live(JournalAddress.fileNumber(address), bytes);
            if (bytes < 0) {
                space.copiedFrom(JournalAddress.fileNumber(address));
            }
        });
    }

    /** The copies are not counted as live any more but where the index comes to point to them. */
    private @Nullable MovedEntries forgetMoves(SegmentReplica segment) {
        MovedEntries moves = segment.takeMoves();
        if (moves != null) {
            moves.forEach((entry, address, bytes) -> space.live(JournalAddress.fileNumber(address), -bytes));
        }
        return moves;
    }

    @Override
    public void fence(SegmentId segment, int epoch) {
        if (!isDropped(segment)) {
            ensure(segment).fence(epoch);
        }
    }

    @Override
    public void drop(PartitionId partition, long below) {
        PartitionReplica dropping = ensure(partition);
        dropping.raiseMinimum(below);
        for (SegmentReplica segment : dropping.takeDropped()) {
            segments--;
            forgetMoves(segment);
            account(segment, -1);
        }
    }

    @Override
    public void hole() {
        LOG.error(
                "the journal has a hole: every segment begun before its end is fenced, and unknown beyond what is left");
        mayHaveLost = true;
        for (PartitionReplica partition : partitions.values()) {
            partition.segments().forEach(SegmentReplica::lose);
        }
    }

    @Override
    public void replayed() {
        for (PartitionReplica partition : partitions.values()) {
            for (SegmentReplica segment : partition.segments()) {
                settleMoves(segment);
                if (space.anyMissing()) {
                    loseWhatIsMissing(segment);
                }
                segment.settle();
            }
        }
    }

    private void loseWhatIsMissing(SegmentReplica segment) {
        long[] firstMissing = {-1};
        segment.index().forEachExtent((first, count, address, bytes) -> {
            firstMissing[0] = space.isMissing(JournalAddress.fileNumber(address)) ? first : -1;
            return firstMissing[0] < 0;
        });
        if (firstMissing[0] < 0) {
            return;
        }
        LOG.error(
                "segment {} has lost entries from {} on: their journal file is not there",
                segment.id(),
                firstMissing[0]);
        mayHaveLost = true;
        segment.lose();
        account(segment, -1);
        segment.index().truncateBefore(firstMissing[0]);
        account(segment, 1);
    }

    private void account(SegmentReplica segment, int sign) {
        segment.index().forEachExtent((first, count, address, bytes) -> {
            space.live(JournalAddress.fileNumber(address), (long) sign * bytes);
            return true;
        });
    }

    /** Everything at this moment, for a checkpoint that another thread writes. */
    Checkpoints.Content view() {
        List<PartitionView> views = new ArrayList<>(partitions.size());
        for (PartitionReplica partition : partitions.values()) {
            views.add(new PartitionView(
                    partition.id(),
                    partition.minimum(),
                    partition.segments().stream().map(SegmentReplica::view).toList()));
        }
        boolean lost = mayHaveLost;
        return out -> {
            out.putByte(lost ? 1 : 0).putInt(views.size());
            for (PartitionView partition : views) {
                partition.writeTo(out);
            }
        };
    }

    @Override
    public void readFrom(CheckpointInput in) throws IOException {
        mayHaveLost = in.getByte() != 0;
        int count = in.getInt();
        for (int i = 0; i < count; i++) {
            PartitionId id = new PartitionId(new UUID(in.getLong(), in.getLong()), in.getInt());
            PartitionReplica partition = ensure(id);
            partition.raiseMinimum(in.getLong());
            int held = in.getInt();
            for (int j = 0; j < held; j++) {
                SegmentReplica segment = SegmentReplica.readFrom(in, new SegmentId(id, in.getLong()), nextLane++);
                partition.add(segment);
                segments++;
                account(segment, 1);
            }
        }
    }

    /** A partition at one moment. */
    private record PartitionView(PartitionId id, long minimum, List<SegmentReplica.View> segments) {

        void writeTo(CheckpointOutput out) throws IOException {
            out.putLong(id.topic().getMostSignificantBits())
                    .putLong(id.topic().getLeastSignificantBits())
                    .putInt(id.partition())
                    .putLong(minimum)
                    .putInt(segments.size());
            for (SegmentReplica.View segment : segments) {
                segment.writeTo(out);
            }
        }
    }
}
