package io.siltstone.cli.demo;

import java.util.Map;

/**
 * What the demo measured, field for field as it is written to JSON.
 *
 * @param produced records sent
 * @param acknowledged records of which the cluster said that they are stored
 * @param consumed different records that each live group saw
 * @param replayed different records that came back out of the bucket
 * @param missing acknowledged records that a group or the replay did not see, or saw changed; summed over all of them
 * @param duplicated records seen twice, or stored though nobody acknowledged them
 * @param outOfOrder records seen or acknowledged after a later one of their partition
 * @param batchBytes bytes of the record batches produced
 * @param bucketBytes bytes of the topic's objects in the bucket
 * @param bucketObjects how many those are
 * @param hotBytesBeforeTrim most bytes of the topic that lay on storage nodes, one copy counted
 * @param hotBytesAfterTrim the same after everything was tiered
 * @param replayMBps megabytes (10^6 bytes of keys and values) replayed per second
 * @param longestPauseMs longest time that a partition's acknowledgements stayed away around each kill
 */
record DemoReport(
        long produced,
        long acknowledged,
        Map<String, Long> consumed,
        long replayed,
        long missing,
        long duplicated,
        long outOfOrder,
        long batchBytes,
        long bucketBytes,
        long bucketObjects,
        long hotBytesBeforeTrim,
        long hotBytesAfterTrim,
        double replayMBps,
        Pauses longestPauseMs) {

    /** Milliseconds. */
    record Pauses(long ingestKill, long storageKill) {}
}
