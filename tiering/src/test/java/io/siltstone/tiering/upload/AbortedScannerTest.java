package io.siltstone.tiering.upload;

import static org.assertj.core.api.Assertions.assertThat;

import io.siltstone.format.segment.AbortedTransaction;
import java.nio.ByteBuffer;
import java.util.Map;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;

class AbortedScannerTest {

    @Test
    void namesAbortedTransactionsByTheirFirstOffset() {
        AbortedScanner scanner = new AbortedScanner(Map.of());
        scanner.scan(data(10, 7));
        scanner.scan(data(11, 8));
        scanner.scan(data(12, 7));
        scanner.scan(marker(13, 7, ControlRecordType.ABORT));
        scanner.scan(marker(14, 8, ControlRecordType.COMMIT));
        assertThat(scanner.aborted()).containsExactly(new AbortedTransaction(7, 10, 13));
    }

    @Test
    void knowsTransactionsThatWereOpenBefore() {
        AbortedScanner scanner = new AbortedScanner(Map.of(7L, 3L));
        scanner.scan(data(10, 7));
        scanner.scan(marker(11, 7, ControlRecordType.ABORT));
        assertThat(scanner.aborted()).containsExactly(new AbortedTransaction(7, 3, 11));
    }

    private static ByteBuffer data(long offset, long producer) {
        return MemoryRecords.withTransactionalRecords(
                        offset, Compression.NONE, producer, (short) 0, 0, 1, new SimpleRecord(1, new byte[5]))
                .buffer();
    }

    private static ByteBuffer marker(long offset, long producer, ControlRecordType type) {
        return MemoryRecords.withEndTransactionMarker(
                        offset, 1, 1, producer, (short) 0, new EndTransactionMarker(type, 0))
                .buffer();
    }
}
