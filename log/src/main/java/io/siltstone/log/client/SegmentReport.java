package io.siltstone.log.client;

import io.siltstone.log.SegmentId;

/**
 * What a disk says of a segment that it holds.
 *
 * @param fenced refuses its writer
 * @param complete false where the disk may have lost entries of it
 * @param epoch of its writer
 * @param lastEntry the last fsynced entry; -1 for none
 * @param lastConfirmed a lower bound of what was confirmed; -1 for none
 * @param endOffset the offset after the last entry's
 * @param snapshotEntry where the latest complete snapshot begins; -1 for none
 * @param bytes of its entries' payloads
 */
public record SegmentReport(
        SegmentId segment,
        boolean fenced,
        boolean complete,
        int epoch,
        long baseOffset,
        long lastEntry,
        long lastConfirmed,
        long endOffset,
        long snapshotEntry,
        long bytes) {}
