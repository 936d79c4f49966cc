package io.siltstone.cli.demo;

/**
 * How what came back differs from what was acknowledged, record by record.
 *
 * @param missing acknowledged records that did not come back, or came back as something else
 * @param duplicated records that came twice, or that nobody was told were stored
 * @param outOfOrder records that came after a later one of their partition
 */
record Comparison(long missing, long duplicated, long outOfOrder) {

    static Comparison of(Ledger acknowledged, Ledger came) {
        long missing = 0;
        long unexpected = 0;
        for (int partition = 0; partition < acknowledged.partitions(); partition++) {
            long end = Math.max(acknowledged.endOffset(partition), came.endOffset(partition));
            for (long offset = 0; offset < end; offset++) {
                long expected = acknowledged.hash(partition, offset);
                long found = came.hash(partition, offset);
                if (expected != found && expected != 0) {
                    missing++;
                }
                if (expected != found && found != 0) {
                    unexpected++;
                }
            }
        }
        return new Comparison(missing, unexpected + came.repeated(), came.outOfOrder());
    }

    Comparison plus(Comparison other) {
        return new Comparison(missing + other.missing, duplicated + other.duplicated, outOfOrder + other.outOfOrder);
    }

    boolean clean() {
        return missing == 0 && duplicated == 0 && outOfOrder == 0;
    }
}
