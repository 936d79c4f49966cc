package io.siltstone.storage.replica;

import io.siltstone.log.SegmentId;
import io.siltstone.storage.journal.NumberedFile;
import java.util.List;

/**
 * Where entries lie that are to be read, and which of them are wanted. The files stay what they are until the core is
 * told that the read is over.
 *
 * @param ranges in the order of entries
 * @param firstEntry the first entry of the first range
 * @param fromEntry the first that is wanted
 * @param fromOffset entries that end at or below this offset are not wanted; 0 for all
 * @param lastEntry the last that is wanted
 * @param maxBytes of payload, but at least one entry
 */
public record ReadPlan(
        SegmentId segment,
        List<Range> ranges,
        long firstEntry,
        long fromEntry,
        long fromOffset,
        long lastEntry,
        int maxBytes) {

    /** Bytes of one file that hold whole records of the segment, one behind the other. */
    public record Range(NumberedFile file, long position, int bytes) {}
}
