package io.siltstone.cli.demo;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;
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
 * @param batchBytes bytes of the record batches produced, as the client's own meter has them; where the client sent
 *     batches again, whose repetitions that meter counts, an estimate: records sent times mean bytes per record
 * @param bucketBytes bytes of the topic's objects in the bucket
 * @param bucketObjects how many those are
 * @param hotBytesBeforeTrim most bytes of the topic that were seen on storage nodes, by a look each second, one copy
 *     counted
 * @param hotBytesAfterTrim the same after everything was tiered
 * @param onlyOpenAfterTrim whether those lie in open segments alone; not written
 * @param replayMBps megabytes (10^6 bytes of keys and values) replayed per second
 * @param longestPauseMs longest time that a partition's acknowledgements stayed away around each kill
 * @param firstFaults where the first record of each kind of fault lies, a line each; not written
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
        @JsonIgnore boolean onlyOpenAfterTrim,
        double replayMBps,
        Pauses longestPauseMs,
        @JsonIgnore List<String> firstFaults) {

    private static final long INGEST_KILL_LIMIT_MS = 5_000;
    private static final long STORAGE_KILL_LIMIT_MS = 1_000;

    DemoReport {
        firstFaults = List.copyOf(firstFaults);
    }

    /** Whether every record came back as it should, and storage nodes keep nothing but open segments. */
    boolean passed() {
        return produced > 0
                && acknowledged == produced
                && missing == 0
                && duplicated == 0
                && outOfOrder == 0
                && onlyOpenAfterTrim;
    }

    /** The figures as a table for people. */
    String table() {
        StringBuilder table = new StringBuilder();
        line(table, "produced", "%,d records".formatted(produced));
        line(table, "acknowledged", "%,d records".formatted(acknowledged));
        consumed.forEach(
                (group, records) -> line(table, "consumed by " + group + " group", "%,d records".formatted(records)));
        line(table, "replayed from the bucket", "%,d records".formatted(replayed));
        line(table, "missing", "%,d".formatted(missing));
        line(table, "duplicated", "%,d".formatted(duplicated));
        line(table, "out of order", "%,d".formatted(outOfOrder));
        line(table, "record batches", "%,d bytes".formatted(batchBytes));
        line(table, "bucket", "%,d bytes in %,d objects".formatted(bucketBytes, bucketObjects));
        line(table, "bucket / batches", "%.4f".formatted(batchBytes == 0 ? 0.0 : (double) bucketBytes / batchBytes));
        line(table, "on storage nodes at most", "%,d bytes".formatted(hotBytesBeforeTrim));
        line(table, "on storage nodes after", "%,d bytes".formatted(hotBytesAfterTrim));
        line(table, "replay", "%.1f MB/s".formatted(replayMBps));
        line(table, "pause, ingest node killed", pause(longestPauseMs.ingestKill(), INGEST_KILL_LIMIT_MS));
        line(table, "pause, storage node killed", pause(longestPauseMs.storageKill(), STORAGE_KILL_LIMIT_MS));
        firstFaults.forEach(fault -> table.append("  ").append(fault).append(System.lineSeparator()));
        return table.toString();
    }

    private static String pause(long ms, long limitMs) {
        return "%,d ms, %s %,d ms".formatted(ms, ms < limitMs ? "within" : "OVER", limitMs);
    }

    private static void line(StringBuilder table, String name, String value) {
        table.append("  %-28s %s%n".formatted(name, value));
    }

    /** Milliseconds. */
    record Pauses(long ingestKill, long storageKill) {}
}
