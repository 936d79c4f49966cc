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
 * The checkpoints of a disk's index; the last two are kept. Each is written into the reserve, over whatever that holds,
 * and forced; then the reserve is renamed, and the folder forced, so what bears a checkpoint's name is whole. The
 * checkpoint that is not kept any more becomes the next reserve, when its loss of a name is durable.
 *
 * <p>Without a checkpoint no journal file can be used again, so there must be room for one on a file system that others
 * have filled. The reserve holds it: it is as large as the next checkpoint can become. No file is deleted or made
 * shorter, so at no step is room given back that others could take.
 */
public final class Checkpoints {

    private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);
    private static final String PREFIX = "checkpoint-";
    private static final String RESERVE = "checkpoint.reserve";
    private static final int KEPT = 2;
    /** The index of a journal's bytes is smaller by this: six bytes for a record of 96. */
    private static final int INDEX_DIVISOR = 16;

    private static final int ZEROS_BYTES = 256 << 10;

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
     * @throws JournalFiles.NoRoomException there is no room for it, also in the reserve; the newest one before stays
     * @throws IOException the node must stop
     */
    public long write(JournalPosition start, Content content) throws IOException {
        long bytes;
        try {
            bytes = writeAndName(start, content);
        } catch (JournalFiles.NoRoomException full) {
            if (!takesLargerReserve()) {
                throw full;
            }
            bytes = writeAndName(start, content);
        }
        holdRoom(bytes);
        return bytes;
    }

    private long writeAndName(JournalPosition start, Content content) throws IOException {
        long bytes;
        try (JournalFile file = reserve()) {
            CheckpointOutput out = new CheckpointOutput(file);
            out.putBytes(disk.toBytes(), DiskId.BYTES);
            out.putLong(start.fileNumber()).putLong(start.position()).putLong(start.sequence());
            content.writeTo(out);
            bytes = out.finish();
        }
        files.rename(RESERVE, nextName());
        files.fsyncDirectory();
        return bytes;
    }

    /** A name of its own for each: a rename to one that is taken would give that one's room back. */
    private String nextName() throws IOException {
        List<String> all = newestFirst();
        long newest = all.isEmpty() ? 0 : Long.parseLong(all.get(0).substring(PREFIX.length()), 16);
        return String.format(Locale.ROOT, PREFIX + "%016x", newest + 1);
    }

    /** The file for the next checkpoint: the reserve, or what becomes the reserve now. */
    private JournalFile reserve() throws IOException {
        if (!files.list().contains(RESERVE)) {
            List<String> all = newestFirst();
            if (all.size() <= KEPT) {
                return files.create(RESERVE, 0);
            }
            makeReserve(all.get(KEPT));
        }
        return files.open(RESERVE);
    }

    /** From now on it is no checkpoint, also after a loss of power: it may be written over. */
    private void makeReserve(String checkpoint) throws IOException {
        files.rename(checkpoint, RESERVE);
        files.fsyncDirectory();
    }

    /** Gives up the checkpoint before the newest, where its file is larger than the reserve. */
    private boolean takesLargerReserve() throws IOException {
        List<String> all = newestFirst();
        if (all.size() < KEPT || sizeBytes(all.get(KEPT - 1)) <= sizeBytes(RESERVE)) {
            return false;
        }
        LOG.warn("The reserve has no room for the next checkpoint; {} is given up for it", all.get(KEPT - 1));
        makeReserve(all.get(KEPT - 1));
        return true;
    }

    private long sizeBytes(String name) throws IOException {
        if (!files.list().contains(name)) {
            return 0;
        }
        try (JournalFile file = files.open(name)) {
            return file.sizeBytes();
        }
    }

    /** Sees to it that the next checkpoint will find room, given the bytes of this one; what room there is, is held. */
    private void holdRoom(long bytes) throws IOException {
        try (JournalFile reserve = reserve()) {
            if (reserve.sizeBytes() < growthBytes + bytes + bytes / 4) {
                extend(reserve, growthBytes + 2 * bytes);
            }
        } catch (JournalFiles.NoRoomException full) {
            LOG.warn("There may be no room for the next checkpoint: {}", full.getMessage());
        }
    }

    private static void extend(JournalFile file, long toBytes) throws IOException {
        ByteBuffer zeros = ByteBuffer.allocateDirect(ZEROS_BYTES);
        for (long at = file.sizeBytes(); at < toBytes; at += zeros.limit()) {
            zeros.clear().limit((int) Math.min(ZEROS_BYTES, toBytes - at));
            file.write(new ByteBuffer[] {zeros}, 1, at);
        }
        file.force();
    }

    /**
     * Loads the newest checkpoint that is whole.
     *
     * @return where replay goes on; nothing where there is none
     */
    public Optional<JournalPosition> load(Reader reader) throws IOException {
        for (String name : newestFirst()) {
            try (JournalFile file = files.open(name)) {
                Optional<CheckpointInput> found = CheckpointInput.open(file);
                if (found.isEmpty()) {
                    LOG.error("{} is damaged; going back to the one before", name);
                    continue;
                }
                CheckpointInput in = found.get();
                checkDisk(name, in);
                JournalPosition start = new JournalPosition(in.getLong(), in.getLong(), in.getLong());
                reader.readFrom(in);
                return Optional.of(start);
            }
        }
        return Optional.empty();
    }

    private void checkDisk(String name, CheckpointInput in) throws IOException {
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
