package io.siltstone.storage.journal;

import io.netty.buffer.Unpooled;
import io.siltstone.log.EntryHeader;
import io.siltstone.log.SegmentId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the groups that a start finds behind its checkpoint, and tells a torn tail from a hole.
 *
 * <p>A group is proven when a later one follows it: that was written only after the first one's force had returned. The
 * last valid group is not, for after a failed force the page cache may show what the disk lacks; it is not replayed here
 * but handed out by {@link #unproven}, to be written again under its own sequence into a new file. So of two groups of
 * one sequence in two files the one in the later file counts. An invalid group that no valid one follows is a torn tail,
 * which nobody was told of. Where a valid one follows, a sequence is missing: a hole.
 */
final class JournalScan {

    private static final int SEARCH_BYTES = 1 << 20;

    /**
     * A valid group and where it lies.
     *
     * @param again whether an earlier file holds it as well
     */
    private record Found(ByteBuffer bytes, NumberedFile file, long position, boolean again) {

        long address() {
            return JournalAddress.of(file.number(), position);
        }
    }

    private final JournalReplay replay;
    private final ByteBuffer searched = ByteBuffer.allocateDirect(SEARCH_BYTES);
    private long expected;
    private ByteBuffer reading = ByteBuffer.allocateDirect(1 << 20);
    private ByteBuffer spare = ByteBuffer.allocateDirect(1 << 20);
    private @Nullable Found pending;
    private final Set<Long> replayed = new HashSet<>();

    JournalScan(JournalReplay replay, long firstSequence) {
        this.replay = replay;
        this.expected = firstSequence;
    }

    /** Scans the files from a position on; they are in the order of their numbers. */
    void run(List<NumberedFile> files, JournalPosition start) throws IOException {
        for (NumberedFile file : files) {
            if (file.number() < start.fileNumber()) {
                continue;
            }
            long position = file.number() == start.fileNumber() ? start.position() : JournalFileHeader.BLOCK_BYTES;
            while (position + JournalFileHeader.BLOCK_BYTES <= file.sizeBytes()) {
                if (read(file, position)) {
                    long length = GroupFormat.occupied(reading.limit());
                    found(file, position);
                    position += length;
                } else {
                    position = nextCandidate(file, position + JournalFileHeader.BLOCK_BYTES);
                }
            }
        }
    }

    /** The next place from a position on where a group may start, or the file's end. Reads by much at once. */
    private long nextCandidate(NumberedFile file, long from) throws IOException {
        for (long at = from; at < file.sizeBytes(); at += SEARCH_BYTES) {
            searched.clear().limit((int) Math.min(SEARCH_BYTES, file.sizeBytes() - at));
            file.file().read(searched, at);
            searched.flip();
            for (int block = 0; block < searched.limit(); block += JournalFileHeader.BLOCK_BYTES) {
                if (GroupFormat.mayStart(searched, block, file.epoch())) {
                    return at + block;
                }
            }
        }
        return file.sizeBytes();
    }

    /** The sequence of the next new group, or of the unproven one where there is one. */
    long nextSequence() {
        return pending == null ? expected : GroupFormat.sequence(pending.bytes());
    }

    /** Numbers of the files that hold a group which the next start must find where it is. */
    Set<Long> replayedFiles() {
        return replayed;
    }

    /** The same, and the file of the last group, which is needed until that is written again. */
    Set<Long> neededFiles() {
        Set<Long> needed = new HashSet<>(replayed);
        if (pending != null) {
            needed.add(pending.file().number());
        }
        return needed;
    }

    /**
     * Makes the last group durable where it lies, if that is a copy: a start before may have been killed before it forced
     * it, or have failed to, and the file that it was copied from may be the next that is used again. It is written once
     * more, since after a failed force another proves nothing of what was written before.
     */
    void forceCopy() throws IOException {
        if (pending != null && pending.again()) {
            JournalFile file = pending.file().file();
            file.write(new ByteBuffer[] {pending.bytes().duplicate().position(0)}, 1, pending.position());
            file.force();
        }
    }

    /** The last group's records, to be written again; null where everything found was proven. */
    @Nullable
    JournalGroup unproven() {
        if (pending == null) {
            return null;
        }
        ByteBuffer tail = pending.bytes();
        JournalGroup group = new JournalGroup();
        int at = GroupFormat.HEADER_BYTES;
        int lane = 0;
        SegmentId last = null;
        for (int i = 0; i < GroupFormat.records(tail); i++) {
            int payload = RecordFormat.payloadBytes(tail, at);
            switch (RecordFormat.type(tail, at)) {
                case RecordFormat.FENCE ->
                    group.add(new JournalItem.Fence(
                            new SegmentId(RecordFormat.partition(tail, at), RecordFormat.segmentNumber(tail, at)),
                            RecordFormat.epoch(tail, at)));
                case RecordFormat.DROP ->
                    group.add(new JournalItem.Drop(
                            RecordFormat.partition(tail, at), RecordFormat.segmentNumber(tail, at)));
                default -> {
                    EntryHeader header = RecordFormat.entry(tail, at);
                    lane += header.segment().equals(last) ? 0 : 1;
                    last = header.segment();
                    ByteBuffer bytes = tail.slice(at + RecordFormat.HEADER_BYTES, payload);
                    group.add(new JournalItem.Entry(
                            header,
                            Unpooled.wrappedBuffer(bytes),
                            lane,
                            RecordFormat.type(tail, at) == RecordFormat.MOVED));
                }
            }
            at += RecordFormat.HEADER_BYTES + payload;
        }
        group.arrange();
        return group;
    }

    private void found(NumberedFile file, long position) {
        long sequence = GroupFormat.sequence(reading);
        boolean again = pending != null
                && sequence == expected - 1
                && file.number() > pending.file().number();
        if (sequence < expected && !again) {
            return;
        }
        if (pending != null && sequence >= expected) {
            apply(pending);
        }
        if (sequence > expected) {
            replay.hole();
        }
        expected = sequence + 1;
        ByteBuffer free = pending == null ? spare : pending.bytes();
        pending = new Found(reading, file, position, again);
        reading = free;
    }

    /** Reads a group into {@link #reading}; its limit is the group's length. */
    private boolean read(NumberedFile file, long position) throws IOException {
        reading.clear().limit(JournalFileHeader.BLOCK_BYTES);
        if (file.file().read(reading, position) < JournalFileHeader.BLOCK_BYTES
                || !GroupFormat.mayStart(reading, 0, file.epoch())) {
            return false;
        }
        int length = GroupFormat.length(reading, 0);
        if (length > file.sizeBytes() - position) {
            return false;
        }
        if (length > JournalFileHeader.BLOCK_BYTES) {
            ensureCapacity(length);
            reading.limit(length).position(JournalFileHeader.BLOCK_BYTES);
            if (file.file().read(reading, position + JournalFileHeader.BLOCK_BYTES)
                    < length - JournalFileHeader.BLOCK_BYTES) {
                return false;
            }
        }
        reading.position(0).limit(length);
        return GroupFormat.isValid(reading);
    }

    private void ensureCapacity(int length) {
        if (reading.capacity() < length) {
            ByteBuffer larger = ByteBuffer.allocateDirect(Math.max(length, 2 * reading.capacity()));
            larger.put(reading.position(0).limit(JournalFileHeader.BLOCK_BYTES));
            reading = larger;
        }
    }

    private void apply(Found found) {
        replayed.add(found.file().number());
        ByteBuffer group = found.bytes();
        int at = GroupFormat.HEADER_BYTES;
        for (int i = 0; i < GroupFormat.records(group); i++) {
            switch (RecordFormat.type(group, at)) {
                case RecordFormat.FENCE ->
                    replay.fence(
                            new SegmentId(RecordFormat.partition(group, at), RecordFormat.segmentNumber(group, at)),
                            RecordFormat.epoch(group, at));
                case RecordFormat.DROP ->
                    replay.drop(RecordFormat.partition(group, at), RecordFormat.segmentNumber(group, at));
                case RecordFormat.MOVED -> replay.moved(RecordFormat.entry(group, at), found.address() + at);
                default -> replay.entry(RecordFormat.entry(group, at), found.address() + at);
            }
            at += RecordFormat.HEADER_BYTES + RecordFormat.payloadBytes(group, at);
        }
    }
}
