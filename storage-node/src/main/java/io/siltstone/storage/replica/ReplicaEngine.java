package io.siltstone.storage.replica;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.siltstone.log.DiskId;
import io.siltstone.storage.journal.Journal;
import io.siltstone.storage.journal.JournalFiles;
import io.siltstone.storage.journal.JournalGroup;
import io.siltstone.storage.journal.JournalPosition;
import io.siltstone.storage.journal.JournalQueue;
import io.siltstone.storage.journal.JournalSettings;
import io.siltstone.storage.journal.JournalSpace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One disk, whole: the core and its journal. It starts no thread. All calls belong to the core's thread but {@link
 * #nextGroup}, {@link #write} and {@link #force}, which one other thread may make; then {@link #durable} goes back to the
 * core's. A simulation makes them all, with a crash between any two.
 */
public final class ReplicaEngine {

    private final Journal journal;
    private final JournalQueue queue = new JournalQueue();
    private final ReplicaCore core;
    private final Maintenance maintenance;

    private ReplicaEngine(
            Journal journal,
            SegmentStore store,
            ReplicaRules rules,
            EntryReads reads,
            Background fileWork,
            Background checkpointWork,
            Consumer<IOException> fatal) {
        this.journal = journal;
        ReadPlanner planner = new ReadPlanner(journal.space(), reads);
        core = new ReplicaCore(store, journal.space(), queue, rules, planner);
        Compaction compaction = new Compaction(store, journal.space(), queue, planner);
        maintenance = new Maintenance(
                store,
                journal.space(),
                journal.spares(),
                journal.checkpoints(),
                journal.start(),
                compaction,
                fileWork,
                checkpointWork,
                fatal);
    }

    /**
     * Starts on what the disk holds; returns when everything that counts is durable.
     *
     * @param epochs draws the epochs of journal files
     * @param fileWork readies journal files
     * @param checkpointWork writes checkpoints; it may take long
     * @param fatal the disk failed: the node must stop at once
     */
    public static ReplicaEngine start(
            JournalFiles files,
            DiskId disk,
            JournalSettings settings,
            ReplicaRules rules,
            RandomGenerator epochs,
            EntryReads reads,
            Background fileWork,
            Background checkpointWork,
            Consumer<IOException> fatal)
            throws IOException {
        SegmentStore store = new SegmentStore();
        Journal journal = Journal.open(files, disk, settings, epochs, store);
        ReplicaEngine engine = new ReplicaEngine(journal, store, rules, reads, fileWork, checkpointWork, fatal);
        engine.maintenance.keepAFileForTheNextStart();
        return engine;
    }

    /** The same with reads and background work done at once, on the calling thread. */
    public static ReplicaEngine startInline(
            JournalFiles files, DiskId disk, JournalSettings settings, ReplicaRules rules, RandomGenerator epochs)
            throws IOException {
        EntryReader reader = new EntryReader(UnpooledByteBufAllocator.DEFAULT);
        return start(
                files,
                disk,
                settings,
                rules,
                epochs,
                (plan, done) -> done.accept(reader.read(plan)),
                Background.INLINE,
                Background.INLINE,
                failure -> {
                    throw new UncheckedIOException(failure);
                });
    }

    public ReplicaCore core() {
        return core;
    }

    public JournalSpace space() {
        return journal.space();
    }

    /** Whether something waits for the journal. */
    public boolean hasWork() {
        return !queue.isEmpty();
    }

    /** Bytes that wait for the journal. */
    public long queuedBytes() {
        return queue.bytes();
    }

    /** Everything that waits, up to the size of a group; null where nothing does. */
    public @Nullable JournalGroup nextGroup() {
        return queue.take(journal.space().settings().groupBytes());
    }

    /**
     * See {@link JournalWriter}.
     *
     * @throws IOException the node must stop
     */
    public void write(JournalGroup group) throws IOException {
        journal.writer().write(group);
    }

    /**
     * See {@link JournalWriter}.
     *
     * @throws IOException the node must stop
     */
    public void force() throws IOException {
        journal.writer().force();
    }

    /** The group is written and forced. */
    public void durable(JournalGroup group) {
        if (!group.isEmpty()) {
            journal.space().written(group);
        }
        core.durable(group);
        if (!group.isEmpty()) {
            maintenance.reached(JournalPosition.after(group), group.recordBytes());
            maintenance.run();
        }
    }

    /**
     * Readies files, writes a checkpoint, empties files, where that is due. Call it once after the start, and then some
     * times a second.
     */
    public void maintain() {
        maintenance.tick();
    }

    /** Writes a checkpoint where there is room, so that the next start reads little; none may be under way. */
    public void checkpoint(Runnable done) {
        maintenance.writeCheckpoint(done);
    }

    /** Whether a checkpoint is under way. */
    public boolean isCheckpointing() {
        return maintenance.isCheckpointing();
    }

    /** Who waits for a file to write to gets an error. */
    public void stop() {
        journal.spares().close();
    }

    /** Closes the files. */
    public void close() throws IOException {
        journal.space().close();
    }
}
