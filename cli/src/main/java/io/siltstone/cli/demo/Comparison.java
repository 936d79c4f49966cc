package io.siltstone.cli.demo;

import java.util.ArrayList;
import java.util.List;

/**
 * How what came back differs from what was acknowledged, record by record.
 *
 * @param missing acknowledged records that did not come back, or came back as something else
 * @param duplicated records that came twice, or that nobody was told were stored
 * @param outOfOrder records that came after a later one of their partition
 */
record Comparison(Fault missing, Fault duplicated, Fault outOfOrder) {

    static Comparison of(Ledger acknowledged, Ledger came) {
        Fault missing = Fault.NONE;
        Fault unexpected = Fault.NONE;
        for (int partition = 0; partition < acknowledged.partitions(); partition++) {
            long end = Math.max(acknowledged.endOffset(partition), came.endOffset(partition));
            for (long offset = 0; offset < end; offset++) {
                long expected = acknowledged.hash(partition, offset);
                long found = came.hash(partition, offset);
                if (expected != found && expected != 0) {
                    missing = missing.at(new Place(came.name(), partition, offset));
                }
                if (expected != found && found != 0) {
                    unexpected = unexpected.at(new Place(came.name(), partition, offset));
                }
            }
        }
        return new Comparison(missing, unexpected.plus(came.repeated()), came.outOfOrder());
    }

    Comparison plus(Comparison other) {
        return new Comparison(
                missing.plus(other.missing), duplicated.plus(other.duplicated), outOfOrder.plus(other.outOfOrder));
    }

    /** The first place of each kind of fault that was found, a line each. */
    List<String> firstPlaces() {
        List<String> lines = new ArrayList<>();
        add(lines, "missing", missing);
        add(lines, "duplicated", duplicated);
        add(lines, "out of order", outOfOrder);
        return lines;
    }

    boolean clean() {
        return missing.count() == 0 && duplicated.count() == 0 && outOfOrder.count() == 0;
    }

    private static void add(List<String> lines, String kind, Fault fault) {
        if (fault.first() != null) {
            lines.add("first " + kind + ": " + fault.first());
        }
    }
}
