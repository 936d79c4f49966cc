package io.siltstone.tiering.upload;

import io.siltstone.format.BatchHeader;
import io.siltstone.format.segment.AbortedTransaction;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds the aborted transactions whose marker passes by, and where each began. Follows Kafka's control batches: one
 * uncompressed record whose key is a version and a type, 0 for abort. Confined to one thread at a time.
 */
final class AbortedScanner {

    private static final short ABORT = 0;

    private final Map<Long, Long> firstOffsets;
    private final List<AbortedTransaction> aborted = new ArrayList<>();

    AbortedScanner(Map<Long, Long> openAtStart) {
        firstOffsets = new HashMap<>(openAtStart);
    }

    /** Takes whole batches in offset order. */
    void scan(ByteBuffer batches) {
        for (BatchHeader batch : BatchHeader.in(batches)) {
            if (!batch.isTransactional()) {
                continue;
            }
            if (!batch.isControl()) {
                firstOffsets.putIfAbsent(batch.producerId(), batch.baseOffset());
                continue;
            }
            Long first = firstOffsets.remove(batch.producerId());
            if (first != null && controlType(batch) == ABORT) {
                aborted.add(new AbortedTransaction(batch.producerId(), first, batch.lastOffset()));
            }
        }
    }

    List<AbortedTransaction> aborted() {
        return aborted;
    }

    private static short controlType(BatchHeader batch) {
        ByteBuffer record = batch.bytes();
        record.position(BatchHeader.SIZE_BYTES);
        skipVarint(record); // length
        record.get(); // attributes
        skipVarint(record); // timestamp delta
        skipVarint(record); // offset delta
        skipVarint(record); // key length
        record.getShort(); // version
        return record.getShort();
    }

    private static void skipVarint(ByteBuffer record) {
        byte part;
        do {
            part = record.get();
        } while (part < 0);
    }
}
