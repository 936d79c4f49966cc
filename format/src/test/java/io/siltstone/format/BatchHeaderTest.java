package io.siltstone.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatchHeaderTest {

    @Test
    void readsWhatKafkaWrote() {
        ByteBuffer bytes = TestBatches.batch(100, 7, 5_000, 3, 10);

        BatchHeader batch = BatchHeader.at(bytes, 0);

        assertThat(batch.baseOffset()).isEqualTo(100);
        assertThat(batch.lastOffset()).isEqualTo(102);
        assertThat(batch.endOffset()).isEqualTo(103);
        assertThat(batch.leaderEpoch()).isEqualTo(7);
        assertThat(batch.baseTimestamp()).isEqualTo(5_000);
        assertThat(batch.maxTimestamp()).isEqualTo(5_002);
        assertThat(batch.count()).isEqualTo(3);
        assertThat(batch.producerId()).isEqualTo(-1);
        assertThat(batch.baseSequence()).isEqualTo(-1);
        assertThat(batch.compression()).isZero();
        assertThat(batch.isControl()).isFalse();
        assertThat(batch.isTransactional()).isFalse();
        assertThat(batch.sizeBytes()).isEqualTo(bytes.remaining());
        assertThat(batch.hasValidCrc()).isTrue();
    }

    @Test
    void offsetAndEpochAreRewrittenInPlaceWithoutTouchingTheCrc() {
        ByteBuffer bytes = TestBatches.batch(0, 0, 0, 2, 10);

        BatchHeader batch = BatchHeader.at(bytes, 0);
        batch.setBaseOffset(9_000_000_000L);
        batch.setLeaderEpoch(41);

        assertThat(BatchHeader.at(bytes, 0).endOffset()).isEqualTo(9_000_000_002L);
        assertThat(BatchHeader.at(bytes, 0).leaderEpoch()).isEqualTo(41);
        assertThat(batch.hasValidCrc()).isTrue();
    }

    @Test
    void walksBatchesFromThePositionOn() {
        ByteBuffer bytes = TestBatches.concat(
                ByteBuffer.allocate(5), TestBatches.batch(10, 1, 0, 2, 1), TestBatches.batch(12, 1, 0, 1, 1));
        bytes.position(5);

        List<Long> offsets = new ArrayList<>();
        BatchHeader.in(bytes).forEach(batch -> offsets.add(batch.baseOffset()));

        assertThat(offsets).containsExactly(10L, 12L);
        assertThat(bytes.position()).isEqualTo(5);
    }

    @Test
    void refusesATruncatedBatch() {
        ByteBuffer bytes = TestBatches.batch(0, 0, 0, 1, 100);
        bytes.limit(bytes.limit() - 1);

        assertThatThrownBy(() -> BatchHeader.at(bytes, 0)).isInstanceOf(MalformedBatchException.class);
    }

    @Test
    void refusesAnOlderMagic() {
        ByteBuffer bytes = TestBatches.batch(0, 0, 0, 1, 100);
        bytes.put(16, (byte) 1);

        assertThatThrownBy(() -> BatchHeader.at(bytes, 0)).hasMessageContaining("magic is 1");
    }

    @Test
    void seesAFlippedByteOfTheRecords() {
        ByteBuffer bytes = TestBatches.batch(0, 0, 0, 1, 100);
        bytes.put(90, (byte) (bytes.get(90) ^ 1));

        assertThat(BatchHeader.at(bytes, 0).hasValidCrc()).isFalse();
    }
}
