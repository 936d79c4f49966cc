package io.siltstone.benchmarks.records;

import java.util.Random;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** Makes record batches (v2) of letters, as compressible as text is. The same arguments make the same batch. */
public final class RecordBatches {

    private static final String LETTERS = "eeeettaaooiinnsshrdlucmfwygpb    ";

    private RecordBatches() {}

    /**
     * One batch.
     *
     * @param compression by its Kafka name
     * @param bytes of all records together, before they are compressed
     * @param recordBytes of each record's value
     */
    public static MemoryRecords batch(String compression, long baseOffset, int bytes, int recordBytes) {
        Random random = new Random(baseOffset);
        SimpleRecord[] records = new SimpleRecord[Math.max(1, bytes / recordBytes)];
        for (int i = 0; i < records.length; i++) {
            byte[] value = new byte[recordBytes];
            for (int at = 0; at < recordBytes; at++) {
                value[at] = (byte) LETTERS.charAt(random.nextInt(LETTERS.length()));
            }
            records[i] = new SimpleRecord(1_000_000_000_000L + i, value);
        }
        return MemoryRecords.withRecords(
                baseOffset, Compression.of(CompressionType.forName(compression)).build(), 0, records);
    }
}
