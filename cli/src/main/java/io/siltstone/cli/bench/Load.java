package io.siltstone.cli.bench;

/**
 * What is sent in one phase.
 *
 * @param records how many
 * @param recordBytes size of each value
 * @param recordsPerSecond pace, 0 for as fast as it goes
 * @param lingerMs the producer's linger
 * @param batchBytes the producer's batch size
 */
record Load(long records, int recordBytes, double recordsPerSecond, int lingerMs, int batchBytes) {
    static final int LEAST_RECORD_BYTES = Long.BYTES;

    Load {
        if (records < 1 || recordBytes < LEAST_RECORD_BYTES || recordsPerSecond < 0) {
            throw new IllegalArgumentException("a load is at least one record of " + LEAST_RECORD_BYTES
                    + " bytes at a pace that is not negative, not " + records + " of " + recordBytes + " at "
                    + recordsPerSecond);
        }
    }

    long bytes() {
        return records * recordBytes;
    }

    /** The same records without a pace, in batches as large as a warm-up's may be. */
    Load asFast() {
        return new Load(records, recordBytes, 0, 5, 64 << 10);
    }

    Load withRecords(long count) {
        return new Load(count, recordBytes, recordsPerSecond, lingerMs, batchBytes);
    }
}
