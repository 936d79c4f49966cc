package io.siltstone.storage.journal;

import io.siltstone.log.EntryHeader;
import io.siltstone.log.PartitionId;
import io.siltstone.log.SegmentId;

/** Takes the journal's records in their order: at a start from the files, in service from each group that became durable. */
public interface JournalReplay {

    /**
     * An entry.
     *
     * @param address where its record lies, see {@link JournalAddress}
     */
    void entry(EntryHeader header, long address);

    /** The entry lies there from now on, a copy of what another file held. */
    void moved(EntryHeader header, long address);

    void fence(SegmentId segment, int epoch);

    void drop(PartitionId partition, long below);

    /** Records are missing between what was replayed and what follows; they were durable once. */
    void hole();
}
