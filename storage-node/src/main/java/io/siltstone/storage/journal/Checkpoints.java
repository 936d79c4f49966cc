package io.siltstone.storage.journal;

import io.siltstone.log.DiskId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of a disk's index. Each is written beside, forced, renamed, and the folder forced, so what bears a
 * checkpoint's name is whole; the last two are kept.
 *
 * <p>Without a checkpoint no journal file can be used again, so there must be room for one on a file system that others
 * have filled. A file of zeros holds it: as large as the next checkpoint can become, given away when that is written and
 * finds no other room, and made again behind it.
 */
public final class Checkpoints {

    private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);
    private static final String PREFIX = "checkpoint-";
    private static final String TEMPORARY = "checkpoint.tmp";
    private static final long MAGIC = 0x53494c5443484b50L; // SILTCHKP
    private static final int VERSION = 1;
    private static final int KEPT = 2;
    private static final String RESERVE = "checkpoint.reserve";
    /** The index of a journal's bytes is smaller by this: six bytes for a record of 96. */
    private static final int INDEX_DIVISOR = 16;

    private final JournalFiles files;
    private final DiskId disk;
    private final long growthBytes;

    /** @param journalFileBytes by which the journal grows at least between two checkpoints */
    Checkpoints(JournalFiles files, DiskId disk, long journalFileBytes) {
        this.files = files;
        this.disk = disk;
        this.growthBytes = journalFileBytes / INDEX_DIVISOR;
    }

    /** A view of the index at one moment, which another thread may write. */
    @FunctionalInterface
    public interface Content {
        void writeTo(CheckpointOutput out) throws IOException;
    }

    /** Takes over what a checkpoint holds. */
    @FunctionalInterface
    public interface Reader {
        void readFrom(CheckpointInput in) throws IOException;
    }

    /**
     * Makes a checkpoint durable.
     *
     * @param start where the first group lies that the content does not know
     * @return its bytes
     * @throws JournalFiles.NoRoomException there is no room for it, also without the reserve; the newest one before stays
     * @throws IOException the node must stop
     */
    public long write(JournalPosition start, Content content) throws IOException {
        long bytes;
        try {
            bytes = writeAndName(start, content);
        } catch (JournalFiles.NoRoomException full) {
            LOG.warn("There is no room for another checkpoint but the one that is held for it: {}", full.getMessage());
            makeRoom();
            bytes = writeAndName(start, content);
        }
        deleteAllBut(KEPT);
        holdRoom(bytes);
        return bytes;
    }

    private long writeAndName(JournalPosition start, Content content) throws IOException {
        deleteIfThere(TEMPORARY);
        try {
            long bytes;
            try (JournalFile file = files.create(TEMPORARY, 0)) {
                CheckpointOutput out = new CheckpointOutput(file);
                out.putLong(MAGIC).putInt(VERSION).putBytes(disk.toBytes(), DiskId.BYTES);
                out.putLong(start.fileNumber()).putLong(start.position()).putLong(start.sequence());
                content.writeTo(out);
                bytes = out.finish();
            }
            files.rename(TEMPORARY, String.format(Locale.ROOT, PREFIX + "%016x", start.sequence()));
            files.fsyncDirectory();
            return bytes;
        } catch (JournalFiles.NoRoomException full) {
            deleteIfThere(TEMPORARY);
            throw full;
        }
    }

    /** Gives away the reserve and every checkpoint but the newest. */
    private void makeRoom() throws IOException {
        deleteIfThere(RESERVE);
        deleteAllBut(1);
        // Some file systems give freed space out again only when the deletion is durable.
        files.fsyncDirectory();
    }

    /** Sees to it that the next checkpoint will find room, given the bytes of this one. */
    private void holdRoom(long bytes) throws IOException {
        if (files.list().contains(RESERVE)) {
            try (JournalFile held = files.open(RESERVE)) {
                if (held.sizeBytes() >= growthBytes + bytes + bytes / 4) {
                    return;
                }
            }
            files.delete(RESERVE);
        }
        try {
            files.create(RESERVE, growthBytes + 2 * bytes).close();
        } catch (JournalFiles.NoRoomException full) {
            LOG.warn("There may be no room for the next checkpoint: {}", full.getMessage());
        }
    }

    private void deleteAllBut(int kept) throws IOException {
        List<String> all = newestFirst();
        for (String old : all.subList(Math.min(kept, all.size()), all.size())) {
            files.delete(old);
        }
    }

    private void deleteIfThere(String name) throws IOException {
        if (files.list().contains(name)) {
            files.delete(name);
        }
    }

    /**
     * Loads the newest checkpoint that is whole.
     *
     * @return where replay goes on; nothing where there is none
     */
    public Optional<JournalPosition> load(Reader reader) throws IOException {
        for (String name : newestFirst()) {
            try (JournalFile file = files.open(name)) {
                if (!CheckpointInput.isWhole(file)) {
                    LOG.error("{} is damaged; going back to the one before", name);
                    continue;
                }
                CheckpointInput in = new CheckpointInput(file);
                checkHeader(name, in);
                JournalPosition start = new JournalPosition(in.getLong(), in.getLong(), in.getLong());
                reader.readFrom(in);
                return Optional.of(start);
            }
        }
        return Optional.empty();
    }

    private void checkHeader(String name, CheckpointInput in) throws IOException {
        long magic = in.getLong();
        int version = in.getInt();
        if (magic != MAGIC || version != VERSION) {
            throw new IOException(name + " is of version " + version + ": this program reads version " + VERSION);
        }
        byte[] identity = new byte[DiskId.BYTES];
        in.getBytes(identity, DiskId.BYTES);
        DiskId found = DiskId.fromBytes(ByteBuffer.wrap(identity));
        if (!found.equals(disk)) {
            throw new IOException(name + " belongs to disk " + found + ", not to " + disk);
        }
    }

    private List<String> newestFirst() throws IOException {
        return files.list().stream()
                .filter(name -> name.startsWith(PREFIX))
                .sorted(Comparator.reverseOrder())
                .toList();
    }
}
