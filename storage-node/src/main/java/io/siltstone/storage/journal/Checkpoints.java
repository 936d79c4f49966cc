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
 */
public final class Checkpoints {

    private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);
    private static final String PREFIX = "checkpoint-";
    private static final String TEMPORARY = "checkpoint.tmp";
    private static final long MAGIC = 0x53494c5443484b50L; // SILTCHKP
    private static final int VERSION = 1;
    private static final int KEPT = 2;

    private final JournalFiles files;
    private final DiskId disk;

    public Checkpoints(JournalFiles files, DiskId disk) {
        this.files = files;
        this.disk = disk;
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
     */
    public long write(JournalPosition start, Content content) throws IOException {
        List<String> names = files.list();
        if (names.contains(TEMPORARY)) {
            files.delete(TEMPORARY);
        }
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
        List<String> all = newestFirst();
        for (String old : all.subList(Math.min(KEPT, all.size()), all.size())) {
            files.delete(old);
        }
        return bytes;
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
