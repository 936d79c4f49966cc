package io.siltstone.storage.replica;

import io.siltstone.log.SegmentId;
import io.siltstone.log.wire.proto.Code;

/**
 * Where a segment stands on this disk.
 *
 * @param code OK, FENCED, UNKNOWN (it may have held more) or NO_SUCH_SEGMENT; in an answer to a fence OK is fenced as asked
 * @param lastEntry the last fsynced entry; -1 for none
 * @param lastConfirmed a lower bound of what was confirmed; -1 for none
 * @param endOffset the offset after the last entry's
 * @param snapshotEntry where the latest complete snapshot begins; -1 for none
 * @param bytes in the journal
 * @param epoch the writer's; 0 where no entry was seen
 */
public record SegmentStat(
        SegmentId segment,
        Code code,
        long lastEntry,
        long lastConfirmed,
        long baseOffset,
        long endOffset,
        long snapshotEntry,
        long bytes,
        int epoch) {

    static SegmentStat without(SegmentId segment, Code code) {
        return new SegmentStat(segment, code, -1, -1, 0, 0, -1, 0, 0);
    }
}
