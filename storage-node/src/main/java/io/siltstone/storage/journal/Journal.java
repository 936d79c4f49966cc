package io.siltstone.storage.journal;

import io.siltstone.log.DiskId;
import java.io.IOException;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A disk's journal as a start leaves it: everything found is replayed and durable, the next group goes to a new file.
 *
 * @param space which files there are
 * @param spares files that are ready to be written
 * @param writer of the groups to come
 * @param checkpoints of the index
 * @param start where the first group will lie that is not replayed yet
 */
public record Journal(
        JournalSpace space, SpareQueue spares, JournalWriter writer, Checkpoints checkpoints, JournalPosition start) {

    /** What a start rebuilds: a checkpoint's content, then the records behind it. */
    public interface Index extends JournalReplay, Checkpoints.Reader {

        /** Called before anything else. */
        void openedWith(JournalSpace space);

        /** Everything was replayed. */
        void replayed();
    }

    /**
     * Starts on what the folder holds.
     *
     * @param epochs draws the epochs of files
     * @throws IOException the disk cannot be served
     */
    public static Journal open(
            JournalFiles files, DiskId disk, JournalSettings settings, RandomGenerator epochs, Index index)
            throws IOException {
        JournalSpace space = new JournalSpace(files, disk, settings, epochs);
        index.openedWith(space);
        List<NumberedFile> numbered = space.open();
        files.fsyncDirectory(); // a start before may have been killed before it did
        Checkpoints checkpoints = new Checkpoints(files, disk, settings.fileBytes());
        JournalPosition from = checkpoints.load(index).orElse(JournalPosition.BEGINNING);
        space.numberUsed(from.fileNumber());
        JournalScan scan = new JournalScan(index, from.sequence());
        scan.run(numbered, from);
        space.checkpointed(from);
        space.collect();
        space.collectBut(scan.neededFiles());
        scan.forceCopy();

        SpareQueue spares = new SpareQueue();
        NumberedFile first = space.firstFile();
        spares.offer(first);
        JournalWriter writer = new JournalWriter(spares, scan.nextSequence());
        JournalPosition start = JournalPosition.startOf(first.number(), scan.nextSequence());
        JournalGroup unproven = scan.unproven();
        if (unproven != null) {
            writer.write(unproven);
            writer.force();
            space.written(unproven);
            unproven.replayInto(index);
            start = JournalPosition.after(unproven);
            space.collectBut(scan.replayedFiles());
        }
        space.createReserve();
        index.replayed();
        return new Journal(space, spares, writer, checkpoints, start);
    }
}
