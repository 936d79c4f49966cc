package io.siltstone.storage.replica;

import io.siltstone.storage.journal.Checkpoints;
import io.siltstone.storage.journal.JournalFiles;
import io.siltstone.storage.journal.JournalPosition;
import io.siltstone.storage.journal.JournalSettings;
import io.siltstone.storage.journal.JournalSpace;
import io.siltstone.storage.journal.NewFile;
import io.siltstone.storage.journal.SpareFile;
import io.siltstone.storage.journal.SpareQueue;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the journal going: readies files, writes checkpoints, frees and empties files. Decides on the core's thread; the
 * work is done in the background, files and checkpoints each in their own, so that the journal's next file never waits
 * for a checkpoint.
 *
 * <p>A checkpoint is due when the journal has grown by a file or by four times the last checkpoint, whichever is more,
 * and when files wait for one while the disk fills. Where the file system has no room for a file or a checkpoint, the
 * node goes on with what it has, and tries again some {@link #tick}s later.
 */
final class Maintenance {

    private static final Logger LOG = LoggerFactory.getLogger(Maintenance.class);
    /** Files with a header of their own; a start has to look through them. */
    private static final int SPARES = 2;

    /** And the reserve that appends leave, so it is there when the file system has no more room. */
    private static final int EMPTY_FILES = SPARES + JournalSettings.RESERVE_FILES;

    private static final int RETRY_TICKS = 25;

    private final SegmentStore store;
    private final JournalSpace space;
    private final SpareQueue spares;
    private final Checkpoints checkpoints;
    private final Compaction compaction;
    private final Background fileWork;
    private final Background checkpointWork;
    private final Consumer<IOException> fatal;
    private long ticks;
    private boolean preparing;
    private boolean noRoom;
    private long newFileAt;
    private boolean checkpointing;
    private boolean checkpointFailed;
    private long checkpointAt;
    private JournalPosition position;
    private long bytesSince;
    private long checkpointBytes;
    private boolean first = true;

    Maintenance(
            SegmentStore store,
            JournalSpace space,
            SpareQueue spares,
            Checkpoints checkpoints,
            JournalPosition start,
            Compaction compaction,
            Background fileWork,
            Background checkpointWork,
            Consumer<IOException> fatal) {
        this.store = store;
        this.space = space;
        this.spares = spares;
        this.checkpoints = checkpoints;
        this.position = start;
        this.compaction = compaction;
        this.fileWork = fileWork;
        this.checkpointWork = checkpointWork;
        this.fatal = fatal;
    }

    /** The index knows every group before this position. */
    void reached(JournalPosition newPosition, long bytes) {
        position = newPosition;
        bytesSince += bytes;
    }

    /** Some time has passed, a fraction of a second. */
    void tick() {
        ticks++;
        run();
    }

    /** Looks at what is due; cheap where nothing is. */
    void run() {
        prepareFiles();
        maybeCheckpoint();
        compaction.maybeStart();
    }

    boolean isCheckpointing() {
        return checkpointing;
    }

    private void prepareFiles() {
        if (preparing || (space.spares() >= SPARES && space.emptyFiles() >= EMPTY_FILES)) {
            return;
        }
        space.collect();
        Optional<SpareFile> spare = isSpareDue() ? space.nextSpare() : Optional.empty();
        if (spare.isPresent()) {
            ready(spare.get());
            return;
        }
        Optional<NewFile> next =
                space.emptyFiles() < EMPTY_FILES && ticks >= newFileAt ? space.nextNew() : Optional.empty();
        if (next.isPresent()) {
            create(next.get());
        } else if (space.spares() < SPARES) {
            space.nextSpare().ifPresent(this::ready);
        }
    }

    /**
     * Whether a file is to be readied before another is created. The journal takes what is ready and does not ask, so
     * where the file system may have no room for another, a file of the reserve is readied only when that is known.
     */
    private boolean isSpareDue() {
        return space.spares() < SPARES
                && (space.emptyFiles() - space.spares() > JournalSettings.RESERVE_FILES || isRoomBeside());
    }

    private boolean isRoomBeside() {
        try {
            return space.isRoomBeside();
        } catch (IOException unknown) {
            LOG.warn("The file system does not tell what room it has left: {}", unknown.toString());
            return false;
        }
    }

    private void ready(SpareFile spare) {
        preparing = true;
        fileWork.run(
                spare::ready,
                file -> {
                    preparing = false;
                    space.readied(file);
                    spares.offer(file);
                    run();
                },
                fatal);
    }

    private void create(NewFile next) {
        preparing = true;
        fileWork.run(
                next::create,
                file -> {
                    preparing = false;
                    if (noRoom) {
                        LOG.info("The file system has room for another journal file again");
                        noRoom = false;
                    }
                    space.created(next, file);
                    run();
                },
                failure -> {
                    preparing = false;
                    if (!(failure instanceof JournalFiles.NoRoomException)) {
                        fatal.accept(failure);
                        return;
                    }
                    if (!noRoom) {
                        LOG.error("The file system is full; appends use what journal files there are", failure);
                    }
                    noRoom = true;
                    newFileAt = ticks + RETRY_TICKS;
                    space.notCreated(next);
                });
    }

    private void maybeCheckpoint() {
        boolean grown = bytesSince >= Math.max(space.settings().fileBytes(), 4 * checkpointBytes);
        boolean pressed = space.usedBytes() * 2 >= space.limitBytes() && space.wantsCheckpoint();
        if (!checkpointing && ticks >= checkpointAt && (first || grown || pressed)) {
            writeCheckpoint(() -> {});
        }
    }

    /**
     * Each start takes an empty file. Where it was the last, a checkpoint frees those of the starts before, which hold
     * little: killed again and again before one is due, a node on a full disk would not start any more. Done at once, on
     * the calling thread.
     */
    void keepAFileForTheNextStart() throws IOException {
        if (space.emptyFiles() > 0 || !space.wantsCheckpoint()) {
            return;
        }
        Checkpoint begun = new Checkpoint();
        try {
            begun.written(begun.write());
        } catch (JournalFiles.NoRoomException full) {
            begun.foundNoRoom(full);
        }
    }

    /**
     * Writes one now; then the index is where {@link #reached} said last.
     *
     * @param done it is durable, or there was no room for it
     */
    void writeCheckpoint(Runnable done) {
        Checkpoint begun = new Checkpoint();
        checkpointWork.run(
                begun::write,
                bytes -> {
                    begun.written(bytes);
                    done.run();
                    run();
                },
                failure -> {
                    if (failure instanceof JournalFiles.NoRoomException full) {
                        begun.foundNoRoom(full);
                        done.run();
                    } else {
                        fatal.accept(failure);
                    }
                });
    }

    /** One checkpoint, of the index as it was when it was begun. */
    private final class Checkpoint {

        private final JournalPosition start = position;
        private final long bytesBefore = bytesSince;
        private final Checkpoints.Content content;

        Checkpoint() {
            checkpointing = true;
            space.checkpointBegun();
            content = store.view();
        }

        /** On any thread; one of the two below ends it, on the core's. */
        long write() throws IOException {
            return checkpoints.write(start, content);
        }

        void written(long bytes) {
            checkpointing = false;
            checkpointFailed = false;
            first = false;
            bytesSince -= bytesBefore;
            checkpointBytes = bytes;
            space.checkpointed(start);
            space.collect();
        }

        void foundNoRoom(JournalFiles.NoRoomException full) {
            checkpointing = false;
            if (!checkpointFailed) {
                LOG.error("There is no room for a checkpoint: no journal file is freed until one fits", full);
            }
            checkpointFailed = true;
            checkpointAt = ticks + RETRY_TICKS;
        }
    }
}
