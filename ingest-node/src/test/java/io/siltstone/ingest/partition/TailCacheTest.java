package io.siltstone.ingest.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TailCacheTest {

    private final List<ByteBuf> made = new ArrayList<>();
    private final TailCache cache = new TailCache(100);
    private final TailCache.Tail tail = cache.newTail();

    @AfterEach
    void everythingIsReleased() {
        tail.clear();
        assertThat(made).allMatch(buffer -> buffer.refCnt() == 0);
        assertThat(cache.bytes()).isZero();
    }

    @Test
    void readsFromTheEntryThatHoldsTheOffset() {
        add(tail, 0, 10, 20);
        add(tail, 10, 20, 20);
        add(tail, 20, 30, 20);

        List<ByteBuf> read = tail.read(15, 1_000);

        assertThat(read).hasSize(2);
        assertThat(read.get(0).getLong(0)).isEqualTo(10);
        read.forEach(ByteBuf::release);
    }

    @Test
    void readsTheFirstEntryWhateverItsSizeAndNoMoreThanAsked() {
        add(tail, 0, 10, 20);
        add(tail, 10, 20, 20);

        List<ByteBuf> read = tail.read(0, 1);

        assertThat(read).hasSize(1);
        read.forEach(ByteBuf::release);
    }

    @Test
    void oldestEntriesOfAllPartitionsGoFirst() {
        TailCache.Tail other = cache.newTail();
        add(tail, 0, 10, 40);
        add(other, 0, 10, 40);
        add(tail, 10, 20, 40);

        assertThat(tail.contains(5)).isFalse();
        assertThat(tail.contains(15)).isTrue();
        assertThat(other.contains(5)).isTrue();
        assertThat(cache.bytes()).isEqualTo(80);
        other.clear();
    }

    @Test
    void evictedBytesLiveOnWhileAReaderHoldsThem() {
        add(tail, 0, 10, 60);
        List<ByteBuf> read = tail.read(0, 1_000);
        add(tail, 10, 20, 60);

        assertThat(tail.contains(0)).isFalse();
        assertThat(read.get(0).refCnt()).isEqualTo(1);
        read.forEach(ByteBuf::release);
    }

    @Test
    void partitionThatGoesLeavesTheOthersTheirOrder() {
        TailCache.Tail other = cache.newTail();
        add(other, 0, 10, 40);
        add(tail, 0, 10, 40);
        other.clear();
        add(tail, 10, 20, 40);
        add(tail, 20, 30, 40);

        assertThat(tail.startOffset()).isEqualTo(10);
    }

    @Test
    void refusesAnEntryThatDoesNotFollow() {
        add(tail, 0, 10, 10);

        assertThatThrownBy(() -> add(tail, 11, 12, 10)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void ringKeepsItsOrderWhileItGrowsAndTurns() {
        TailCache large = new TailCache(1 << 20);
        TailCache.Tail many = large.newTail();
        for (int i = 0; i < 1_000; i++) {
            add(many, i, i + 1, 8);
        }
        for (int i = 0; i < 1_000; i += 97) {
            List<ByteBuf> read = many.read(i, 1);
            assertThat(read.get(0).getLong(0)).isEqualTo(i);
            read.forEach(ByteBuf::release);
        }
        many.clear();
    }

    private void add(TailCache.Tail to, long baseOffset, long endOffset, int bytes) {
        ByteBuf buffer = Unpooled.buffer(bytes).writeLong(baseOffset).writeZero(bytes - 8);
        made.add(buffer);
        to.add(baseOffset, endOffset, buffer, bytes);
    }
}
