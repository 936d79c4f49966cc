package io.siltstone.storage.index;

import static org.assertj.core.api.Assertions.assertThat;

import io.siltstone.storage.journal.JournalAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SegmentIndexTest {

    private record Lies(long entry, long offset, long address, int bytes) {}

    /** Entries in runs, as groups leave them, over several files. */
    private static List<Lies> fill(SegmentIndex index, int count, Random random) {
        List<Lies> entries = new ArrayList<>();
        long offset = 100;
        long file = 1;
        long position = 4096;
        for (long entry = 0; entry < count; entry++) {
            if (random.nextInt(3) > 0) {
                position += random.nextInt(5_000);
            }
            if (random.nextInt(200) == 0) {
                file += 1 + random.nextInt(3);
                position = 4096;
            }
            int bytes = 96 + random.nextInt(3_000);
            long address = JournalAddress.of(file, position);
            entries.add(new Lies(entry, offset, address, bytes));
            offset += random.nextInt(4);
            index.append(offset, address, bytes);
            position += bytes;
        }
        return entries;
    }

    private static void verify(SegmentIndex index, List<Lies> entries, long from) {
        long[] next = {-1};
        index.fromEntry(from, (first, count, address, bytes) -> {
            if (next[0] < 0) {
                assertThat(from).isBetween(first, first + count - 1);
                next[0] = first;
            }
            assertThat(first).isEqualTo(next[0]);
            long at = address;
            for (int i = 0; i < count; i++) {
                Lies lies = entries.get((int) first + i);
                assertThat(at).isEqualTo(lies.address());
                at += lies.bytes();
            }
            assertThat(at).isEqualTo(address + bytes);
            next[0] = first + count;
            return true;
        });
        assertThat(next[0]).isEqualTo(entries.size());
    }

    @Test
    void findsEveryEntryWhereItLies() {
        Random random = new Random(1);
        SegmentIndex index = new SegmentIndex(100);
        List<Lies> entries = fill(index, 20_000, random);
        for (int i = 0; i < 200; i++) {
            verify(index, entries, random.nextInt(entries.size()));
        }
        verify(index, entries, 0);
        verify(index, entries, entries.size() - 1);
    }

    @Test
    void findsAnOffsetInThePageItStartsAt() {
        Random random = new Random(2);
        SegmentIndex index = new SegmentIndex(100);
        List<Lies> entries = fill(index, 20_000, random);
        for (int i = 0; i < 500; i++) {
            int at = random.nextInt(entries.size() - 1);
            long offset = entries.get(at).offset();
            if (entries.get(at + 1).offset() == offset) {
                continue;
            }
            boolean[] found = {false};
            long[] before = {0};
            index.fromOffset(offset, (first, count, address, bytes) -> {
                found[0] = at >= first && at < first + count;
                before[0] += found[0] ? 0 : bytes;
                return !found[0];
            });
            assertThat(found[0]).isTrue();
            assertThat(before[0]).isLessThan(SegmentIndex.PAGE_BYTES);
        }
    }

    @Test
    void pointsToCopiesWhereAllEntriesOfAnExtentWereCopied() {
        Random random = new Random(3);
        SegmentIndex index = new SegmentIndex(100);
        List<Lies> entries = fill(index, 5_000, random);
        MovedEntries moves = new MovedEntries();
        long[] position = {4096};
        long[] change = {0};
        index.forEachExtent((first, count, address, bytes) -> {
            if (JournalAddress.fileNumber(address) % 3 == 0) {
                for (long entry = first; entry < first + count; entry++) {
                    Lies old = entries.get((int) entry);
                    long to = JournalAddress.of(1_000, position[0]);
                    position[0] += old.bytes() + random.nextInt(2) * 50;
                    moves.add(entry, to, old.bytes());
                    entries.set((int) entry, new Lies(entry, old.offset(), to, old.bytes()));
                }
            }
            return true;
        });
        index.relocate(moves, (address, bytes) -> change[0] += bytes);
        assertThat(change[0]).isZero();
        verify(index, entries, 0);
        long end = index.endOffset();
        index.append(end + 1, JournalAddress.of(1_001, 4096), 200);
        entries.add(new Lies(entries.size(), end, JournalAddress.of(1_001, 4096), 200));
        verify(index, entries, 0);
        verify(index, entries, 2_500);
    }

    @Test
    void smallEntriesThatLieAloneTakeLessThanSixBytes() {
        SegmentIndex index = new SegmentIndex(0);
        int count = 350_000;
        long position = 4096;
        long file = 1;
        Random random = new Random(4);
        for (int entry = 0; entry < count; entry++) {
            int bytes = 96 + 900 + random.nextInt(200);
            position += 1_000L * random.nextInt(24);
            if (position > 256 << 20) {
                file++;
                position = 4096;
            }
            index.append(entry + 1, JournalAddress.of(file, position), bytes);
            position += bytes;
        }
        assertThat(index.heapBytes() / (double) count).isLessThan(6);
    }
}
