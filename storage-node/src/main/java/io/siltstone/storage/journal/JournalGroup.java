package io.siltstone.storage.journal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What one force makes durable. Handed from the core's thread to the journal's and back, never used by both at once.
 *
 * <p>Entries of one lane are written side by side, in their order; marks follow all entries.
 */
public final class JournalGroup {

    private final List<JournalItem> items = new ArrayList<>();
    private final List<JournalItem.Entry> entries = new ArrayList<>();
    private long recordBytes;
    private int marks;
    private long sequence = -1;
    private NumberedFile file;
    private long endPosition;

    @SuppressWarnings("NullAway.Init") // the file is known when the group is placed
    JournalGroup() {}

    void add(JournalItem item) {
        items.add(item);
        recordBytes += item.recordBytes();
        if (item instanceof JournalItem.Entry entry) {
            entries.add(entry);
        } else if (!(item instanceof JournalItem.Barrier)) {
            marks++;
        }
    }

    /** Brings entries of one lane together; the order within a lane stays. */
    void arrange() {
        int count = entries.size();
        long[] keys = new long[count];
        for (int i = 0; i < count; i++) {
            keys[i] = (long) entries.get(i).lane() << 32 | i;
        }
        Arrays.sort(keys);
        JournalItem.Entry[] arrived = entries.toArray(new JournalItem.Entry[0]);
        for (int i = 0; i < count; i++) {
            entries.set(i, arrived[(int) keys[i]]);
        }
    }

    void placed(long newSequence, NumberedFile newFile, long newEndPosition) {
        sequence = newSequence;
        file = newFile;
        endPosition = newEndPosition;
    }

    /** All that was decided, in its order. */
    public List<JournalItem> items() {
        return items;
    }

    /** The entries in the order in which they lie in the journal. */
    public List<JournalItem.Entry> entries() {
        return entries;
    }

    /** Holds only barriers: there is nothing to write and nothing to force. */
    public boolean isEmpty() {
        return recordBytes == 0;
    }

    public long recordBytes() {
        return recordBytes;
    }

    int records() {
        return entries.size() + marks;
    }

    long length() {
        return GroupFormat.HEADER_BYTES + recordBytes;
    }

    /** Tells what it made durable: entries in the order in which they lie, then marks. */
    public void replayInto(JournalReplay replay) {
        for (int i = 0; i < entries.size(); i++) {
            JournalItem.Entry entry = entries.get(i);
            if (entry.moved()) {
                replay.moved(entry.header(), entry.address());
            } else {
                replay.entry(entry.header(), entry.address());
            }
        }
        for (int i = 0; marks > 0 && i < items.size(); i++) {
            if (items.get(i) instanceof JournalItem.Fence fence) {
                replay.fence(fence.segment(), fence.epoch());
            } else if (items.get(i) instanceof JournalItem.Drop drop) {
                replay.drop(drop.partition(), drop.below());
            }
        }
    }

    /** Its place in the order of all groups; -1 where it was not written. */
    public long sequence() {
        return sequence;
    }

    /** Where it was written. */
    public NumberedFile file() {
        return file;
    }

    /** The position in the file where the next group starts. */
    public long endPosition() {
        return endPosition;
    }
}
