package io.siltstone.storage.replica;

import io.siltstone.storage.journal.Checkpoints;
import io.siltstone.storage.journal.JournalFiles;
import io.siltstone.storage.journal.JournalPosition;
import io.siltstone.storage.journal.JournalSpace;
import io.siltstone.storage.journal.SpareFile;
import io.siltstone.storage.journal.SpareQueue;
import java.io.IOException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the journal going: readies files, writes checkpoints, frees and empties files. Decides on the core's thread; the
 * work is done in the background.
 *
 * <p>A checkpoint is due when the journal has grown by a file or by four times the last checkpoint, whichever is more,
 * and when files wait for one while the disk fills.
 */
final class Maintenance {

    private static final Logger LOG = LoggerFactory.getLogger(Maintenance.class);
    private static final int SPARES = 2;

    private final SegmentStore store;
    private final JournalSpace space;
    private final SpareQueue spares;
    private final Checkpoints checkpoints;
    private final Compaction compaction;
    private final Background background;
    private final Consumer<IOException> fatal;
    private boolean readying;
    private boolean noRoom;
    private boolean checkpointing;
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
            Background background,
            Consumer<IOException> fatal) {
        this.store = store;
        this.space = space;
        this.spares = spares;
        this.checkpoints = checkpoints;
        this.position = start;
        this.compaction = compaction;
        this.background = background;
        this.fatal = fatal;
    }

    /** The index knows every group before this position. */
    void reached(JournalPosition newPosition, long bytes) {
        position = newPosition;
        bytesSince += bytes;
    }

    /** Looks at what is due; cheap where nothing is. */
    void run() {
        readySpares();
        maybeCheckpoint();
        compaction.maybeStart();
    }

    boolean isCheckpointing() {
        return checkpointing;
    }

    private void readySpares() {
        if (readying || space.spares() >= SPARES) {
            return;
        }
        space.collect();
        space.nextSpare().ifPresent(this::ready);
    }

    private void ready(SpareFile spare) {
        readying = true;
        background.run(
                spare::ready,
                file -> {
                    readying = false;
                    noRoom = false;
                    space.readied(file);
                    spares.offer(file);
                    run();
                },
                failure -> {
                    readying = false;
                    if (!(failure instanceof JournalFiles.NoRoomException)) {
                        fatal.accept(failure);
                        return;
                    }
                    if (!noRoom) {
                        LOG.error("The disk is full: {}", failure.getMessage(), failure);
                    }
                    noRoom = true;
                    space.notReadied(spare);
                });
    }

    private void maybeCheckpoint() {
        boolean grown = bytesSince >= Math.max(space.settings().fileBytes(), 4 * checkpointBytes);
        boolean pressed = space.usedBytes() * 2 >= space.limitBytes() && space.wantsCheckpoint();
        if (!checkpointing && (first || grown || pressed)) {
            writeCheckpoint(() -> {});
        }
    }

    /** Writes one now; then the index is where {@link #reached} said last. */
    void writeCheckpoint(Runnable done) {
        first = false;
        checkpointing = true;
        bytesSince = 0;
        JournalPosition start = position;
        space.checkpointBegun();
        Checkpoints.Content content = store.view();
        background.run(
                () -> checkpoints.write(start, content),
                bytes -> {
                    checkpointing = false;
                    checkpointBytes = bytes;
                    space.checkpointed(start);
                    space.collect();
                    done.run();
                    run();
                },
                fatal);
    }
}
