package io.siltstone.storage.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Writes groups behind one another into the newest file. Owned by the journal's thread.
 *
 * <p>One group is in flight at a time: a group is written only after the force of the one before returned. So a group
 * that another follows is proven to be on the disk. After a failure nothing is tried again, ever: the node stops.
 */
public final class JournalWriter {

    private static final int MAX_BUFFERS_KEPT = 1 << 16;

    private final SpareFiles spares;
    private final ByteBuffer zeros = ByteBuffer.allocateDirect(JournalFileHeader.BLOCK_BYTES);
    private ByteBuffer headers = ByteBuffer.allocateDirect(64 << 10);
    private ByteBuffer[] gather = new ByteBuffer[256];
    private @Nullable NumberedFile head;
    private long position;
    private long nextSequence;
    private boolean unforced;
    private boolean failed;

    JournalWriter(SpareFiles spares, long nextSequence) {
        this.spares = spares;
        this.nextSequence = nextSequence;
    }

    /** Hands out files that are ready to be written: zeros or recycled bytes behind a durable header. */
    @FunctionalInterface
    public interface SpareFiles {

        /** The next file, of a higher number than all before. May wait for it. */
        NumberedFile next() throws IOException;
    }

    /**
     * Writes a group; it is durable only after {@link #force}.
     *
     * @throws IOException the node must stop
     */
    public void write(JournalGroup group) throws IOException {
        if (failed || unforced) {
            throw new IllegalStateException(failed ? "the journal has failed" : "the group before is not forced");
        }
        if (group.isEmpty()) {
            return;
        }
        failed = true;
        long occupied = GroupFormat.occupied(group.length());
        NumberedFile file = fileFor(occupied);
        int buffers = layOut(group, file, occupied);
        file.file().write(gather, buffers, position);
        for (int i = 0; i < buffers; i++) {
            gather[i] = zeros;
        }
        position += occupied;
        group.placed(nextSequence, file, position);
        nextSequence++;
        unforced = true;
        failed = false;
    }

    /**
     * Makes what was written durable.
     *
     * @throws IOException the node must stop
     */
    public void force() throws IOException {
        if (failed) {
            throw new IllegalStateException("the journal has failed");
        }
        if (unforced && head != null) {
            failed = true;
            head.file().force();
            unforced = false;
            failed = false;
        }
    }

    private NumberedFile fileFor(long occupied) throws IOException {
        NumberedFile file = head;
        if (file != null && position + occupied <= file.sizeBytes()) {
            return file;
        }
        NumberedFile next = spares.next();
        if (JournalFileHeader.BLOCK_BYTES + occupied > next.sizeBytes()) {
            throw new IOException("a group of " + occupied + " bytes does not fit into journal file " + next.name()
                    + " of " + next.sizeBytes() + " bytes");
        }
        if (file != null && next.number() <= file.number()) {
            throw new IllegalStateException("file number " + next.number() + " does not follow " + file.number());
        }
        head = next;
        position = JournalFileHeader.BLOCK_BYTES;
        return next;
    }

    /** Fills {@link #gather}; headers are written into one buffer of which slices lie between the payloads. */
    private int layOut(JournalGroup group, NumberedFile file, long occupied) {
        int records = group.records();
        int headerBytes = GroupFormat.HEADER_BYTES + records * RecordFormat.HEADER_BYTES;
        if (headers.capacity() < headerBytes) {
            headers = ByteBuffer.allocateDirect(Math.max(headerBytes, 2 * headers.capacity()));
        }
        headers.clear();
        GroupFormat.write(headers, file.epoch(), nextSequence, (int) group.length(), records);
        CRC32C crc = GroupFormat.startCrc(headers, 0);
        headers.position(GroupFormat.HEADER_BYTES);
        if (gather.length > MAX_BUFFERS_KEPT) {
            gather = new ByteBuffer[256];
        }
        int buffers = 0;
        int sliceStart = 0;
        long at = position + GroupFormat.HEADER_BYTES;
        for (int i = 0; i < group.entries().size(); i++) {
            JournalItem.Entry entry = group.entries().get(i);
            entry.placedAt(JournalAddress.of(file.number(), at));
            RecordFormat.writeEntry(headers, entry.header(), entry.moved());
            at += entry.recordBytes();
            if (entry.header().length() > 0) {
                buffers = gatherHeaders(buffers, sliceStart);
                sliceStart = headers.position();
                buffers = gatherPayload(buffers, entry);
            }
        }
        writeMarks(group);
        if (headers.position() > sliceStart) {
            buffers = gatherHeaders(buffers, sliceStart);
        }
        buffers = gather(buffers, zeros.duplicate().limit((int) (occupied - group.length())));
        crc.update(headers.duplicate().flip().position(GroupFormat.HEADER_BYTES));
        GroupFormat.writeCrc(headers, crc);
        return buffers;
    }

    private void writeMarks(JournalGroup group) {
        if (group.records() == group.entries().size()) {
            return;
        }
        for (JournalItem item : group.items()) {
            if (item instanceof JournalItem.Fence fence) {
                RecordFormat.writeFence(headers, fence.segment(), fence.epoch());
            } else if (item instanceof JournalItem.Drop drop) {
                RecordFormat.writeDrop(headers, drop.partition(), drop.below());
            }
        }
    }

    private int gatherHeaders(int buffers, int from) {
        return gather(buffers, headers.duplicate().limit(headers.position()).position(from));
    }

    private int gatherPayload(int buffers, JournalItem.Entry entry) {
        int next = buffers;
        if (entry.payload().nioBufferCount() == 1) {
            return gather(next, entry.payload().nioBuffer());
        }
        for (ByteBuffer part : entry.payload().nioBuffers()) {
            next = gather(next, part);
        }
        return next;
    }

    private int gather(int buffers, ByteBuffer next) {
        if (buffers == gather.length) {
            gather = java.util.Arrays.copyOf(gather, 2 * gather.length);
        }
        gather[buffers] = next;
        return buffers + 1;
    }
}
