package io.siltstone.storage.journal;

import io.siltstone.log.DiskId;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongPredicate;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ledger of a disk's journal files: what each holds, which may be used again, how full the disk is. Owned by the
 * core's thread.
 *
 * <p>A file is used again when no live record lies in it, nobody reads it, and a durable checkpoint knows everything
 * that its groups said.
 */
public final class JournalSpace {

    private static final Logger LOG = LoggerFactory.getLogger(JournalSpace.class);
    private static final String PREFIX = "journal-";

    private final JournalFiles files;
    private final DiskId disk;
    private final JournalSettings settings;
    private final RandomGenerator epochs;
    private final Map<Long, Usage> inUse = new HashMap<>();
    /**
     * Used in the order in which they came free, so that a start writes last to what it freed without a checkpoint ({@link
     * #collectBut}).
     */
    private final Deque<Free> free = new ArrayDeque<>();

    private final Set<Long> missing = new HashSet<>();
    private final Map<Long, NumberedFile> spares = new HashMap<>();
    private long totalBytes;
    private long usedBytes;
    private long liveBytes;
    private long limitBytes;
    private long nextNumber = 1;
    private int nextName = 1;
    private long checkpointedBelow;
    private long checkpointsBegun;
    private long checkpointsDurable;
    private @Nullable NumberedFile head;
    private long headEnd;

    JournalSpace(JournalFiles files, DiskId disk, JournalSettings settings, RandomGenerator epochs) {
        this.files = files;
        this.disk = disk;
        this.settings = settings;
        this.epochs = epochs;
        this.limitBytes = settings.limitBytes();
    }

    /** What one file holds. */
    private static final class Usage {
        private final NumberedFile file;
        private long liveBytes;
        private int pins;
        private long wantsCheckpoint;

        Usage(NumberedFile file) {
            this.file = file;
        }
    }

    /** A file that holds nothing. */
    private record Free(String name, JournalFile file, long sizeBytes) {}

    /** Opens what is there; the files with a header, in the order of their numbers. */
    List<NumberedFile> open() throws IOException {
        for (String name : files.list()) {
            if (!name.startsWith(PREFIX)) {
                continue;
            }
            JournalFile file = files.open(name);
            long sizeBytes = file.sizeBytes();
            nextName = Math.max(nextName, Integer.parseInt(name.substring(PREFIX.length())) + 1);
            Optional<JournalFileHeader> header = JournalFileHeader.readFrom(file);
            if (header.isEmpty() && sizeBytes < settings.fileBytes()) {
                LOG.warn("{} was never finished; it is removed", name);
                file.close();
                files.delete(name);
                continue;
            }
            totalBytes += sizeBytes;
            if (header.isEmpty()) {
                LOG.info("{} has no valid header; it holds nothing", name);
                free.add(new Free(name, file, sizeBytes));
            } else if (!header.get().disk().equals(disk)) {
                throw new IOException(name + " belongs to disk " + header.get().disk() + ", not to " + disk);
            } else {
                JournalFileHeader head = header.get();
                inUse.put(
                        head.number(), new Usage(new NumberedFile(name, head.number(), head.epoch(), sizeBytes, file)));
                usedBytes += sizeBytes;
                nextNumber = Math.max(nextNumber, head.number() + 1);
            }
        }
        return inUse.values().stream()
                .map(usage -> usage.file)
                .sorted(Comparator.comparingLong(NumberedFile::number))
                .toList();
    }

    /** Numbers up to this one were given out. */
    void numberUsed(long number) {
        nextNumber = Math.max(nextNumber, number + 1);
    }

    long nextNumber() {
        return nextNumber;
    }

    /** A record came to lie in a file, or is of no interest any more (negative). */
    public void live(long fileNumber, long bytes) {
        Usage usage = inUse.get(fileNumber);
        if (usage == null) {
            missing.add(fileNumber);
            return;
        }
        usage.liveBytes += bytes;
        liveBytes += bytes;
        if (usage.liveBytes < 0) {
            throw new IllegalStateException(usage.file.name() + " holds " + usage.liveBytes + " live bytes");
        }
    }

    /** Whether records were said to lie in files that are not there. */
    public boolean isMissing(long fileNumber) {
        return missing.contains(fileNumber);
    }

    public boolean anyMissing() {
        return !missing.isEmpty();
    }

    /** The file may not be used again before {@link #unpin}. */
    public NumberedFile pin(long fileNumber) {
        Usage usage = inUse.get(fileNumber);
        if (usage == null) {
            throw new IllegalStateException("journal file " + fileNumber + " is not there");
        }
        usage.pins++;
        return usage.file;
    }

    public void unpin(long fileNumber) {
        Usage usage = inUse.get(fileNumber);
        if (usage == null || usage.pins == 0) {
            throw new IllegalStateException("journal file " + fileNumber + " is not pinned");
        }
        usage.pins--;
    }

    /** A group was made durable: its file is the newest that is written, up to the group's end. */
    public void written(JournalGroup group) {
        NumberedFile file = group.file();
        headEnd = group.endPosition();
        if (head != null && head.number() == file.number()) {
            return;
        }
        head = file;
        spares.remove(file.number());
        inUse.put(file.number(), new Usage(file));
        usedBytes += file.sizeBytes();
    }

    /** A view for a checkpoint is being taken. */
    public void checkpointBegun() {
        checkpointsBegun++;
    }

    /** The checkpoint begun last is durable: it knows every group in files below its start. */
    public void checkpointed(JournalPosition start) {
        checkpointedBelow = Math.max(checkpointedBelow, start.fileNumber());
        checkpointsDurable = checkpointsBegun;
    }

    /**
     * The index points to copies of what lies in the file. The copies' records may be older than a checkpoint that still
     * points to the file, so it is kept until the next checkpoint.
     */
    public void copiedFrom(long fileNumber) {
        Usage usage = inUse.get(fileNumber);
        if (usage != null) {
            usage.wantsCheckpoint = checkpointsBegun + 1;
        }
    }

    /** Frees the files that hold nothing. */
    public void collect() {
        collect(this::isSettled);
    }

    /**
     * Frees the files that hold nothing and whose groups a start found to be of no use: there are none, or they lie
     * elsewhere too. So a disk without room for another file can be started on again and again.
     *
     * @param needed numbers of the files of which that is not true
     */
    void collectBut(Set<Long> needed) {
        collect(usage -> !needed.contains(usage.file.number()) && !isHead(usage));
    }

    private void collect(Predicate<Usage> reusable) {
        for (Iterator<Usage> usages = inUse.values().iterator(); usages.hasNext(); ) {
            Usage usage = usages.next();
            if (usage.liveBytes == 0 && usage.pins == 0 && reusable.test(usage)) {
                usages.remove();
                usedBytes -= usage.file.sizeBytes();
                free.add(new Free(usage.file.name(), usage.file.file(), usage.file.sizeBytes()));
            }
        }
    }

    private boolean isSettled(Usage usage) {
        return usage.file.number() < checkpointedBelow && usage.wantsCheckpoint <= checkpointsDurable && !isHead(usage);
    }

    private boolean isHead(Usage usage) {
        return head != null && usage.file.number() == head.number();
    }

    /**
     * The file that is best emptied by copying, where that is worth it: one that is held by few live bytes while the
     * disk fills.
     *
     * @param candidate whether a file of this number comes into question
     */
    public Optional<NumberedFile> sparselyUsed(LongPredicate candidate) {
        if (usedBytes * 2 < limitBytes) {
            return Optional.empty();
        }
        boolean pressed = usedBytes + Math.max(4 * settings.fileBytes(), limitBytes / 5) > limitBytes;
        return inUse.values().stream()
                .filter(usage -> usage.liveBytes > 0 && isSettled(usage) && candidate.test(usage.file.number()))
                .filter(usage -> usage.liveBytes * 4 <= usage.file.sizeBytes() * (pressed ? 3 : 1))
                .min(Comparator.<Usage>comparingLong(usage -> usage.liveBytes)
                        .thenComparingLong(usage -> usage.file.number()))
                .map(usage -> usage.file);
    }

    /** Whether files would become free if a checkpoint were written now. */
    public boolean wantsCheckpoint() {
        return inUse.values().stream().anyMatch(usage -> usage.liveBytes == 0 && !isSettled(usage) && !isHead(usage));
    }

    /** Whether the file system has room for more than the next file, so that one of the reserve can be replaced. */
    public boolean isRoomBeside() throws IOException {
        return files.usableBytes() >= (1 + JournalSettings.RESERVE_FILES) * settings.fileBytes();
    }

    /** Files that are ready to be written. */
    public int spares() {
        return spares.size();
    }

    /** Files that hold nothing, whether they are ready to be written or not. */
    public int emptyFiles() {
        return free.size() + spares.size();
    }

    /**
     * Decides which file is readied next; its {@link SpareFile#ready} does the work, on any thread, and {@link #readied}
     * ends it. One at a time.
     *
     * @return nothing where no file is free
     */
    public Optional<SpareFile> nextSpare() {
        Free next = free.poll();
        if (next == null) {
            return Optional.empty();
        }
        JournalFileHeader header = new JournalFileHeader(disk, nextNumber++, epochs.nextLong());
        return Optional.of(new SpareFile(header, next.name(), next.sizeBytes(), next.file()));
    }

    public void readied(NumberedFile file) {
        spares.put(file.number(), file);
    }

    /**
     * Decides which file is created next; its {@link NewFile#create} does the work, on any thread, and {@link #created}
     * or {@link #notCreated} ends it. One at a time.
     *
     * @return nothing where the limit of the settings leaves no room
     */
    public Optional<NewFile> nextNew() {
        return totalBytes + settings.fileBytes() > settings.limitBytes() ? Optional.empty() : Optional.of(newFile());
    }

    private NewFile newFile() {
        totalBytes += settings.fileBytes();
        return new NewFile(files, String.format(Locale.ROOT, PREFIX + "%06d", nextName++), settings.fileBytes());
    }

    /** The file system had room for another file, and is believed to have more. */
    public void created(NewFile created, JournalFile file) {
        free.add(new Free(created.name(), file, created.sizeBytes()));
        limitBytes = settings.limitBytes();
    }

    /** It has no room for another file; what there is must do until one is {@link #created}. */
    public void notCreated(NewFile failed) {
        totalBytes -= failed.sizeBytes();
        limitBytes = Math.max(totalBytes, 1);
    }

    /** The file with which a start begins; it may pass the limit, for what frees files needs one. */
    NumberedFile firstFile() throws IOException {
        if (free.isEmpty()) {
            NewFile first = newFile();
            created(first, first.create());
        }
        NumberedFile file = nextSpare().orElseThrow().ready();
        readied(file);
        return file;
    }

    /**
     * Sees to it that the reserve lies on the disk before anything is taken, or that it is known not to: once for a new
     * disk, and hardly ever after.
     */
    void createReserve() throws IOException {
        while (free.size() < JournalSettings.RESERVE_FILES) {
            Optional<NewFile> next = nextNew();
            if (next.isEmpty()) {
                return;
            }
            try {
                created(next.get(), next.get().create());
            } catch (JournalFiles.NoRoomException full) {
                LOG.warn("The file system is full; appends use what journal files there are: {}", full.getMessage());
                notCreated(next.get());
                return;
            }
        }
    }

    /** Whether entries of a writer may be taken while so many bytes wait for the journal. */
    public boolean admitsAppends(long queuedBytes) {
        return writtenBytes() + queuedBytes + reserveBytes() <= limitBytes;
    }

    /** What entries of writers may still take while so many bytes wait for the journal. */
    public long roomBytes(long queuedBytes) {
        return Math.max(0, limitBytes - reserveBytes() - writtenBytes() - queuedBytes);
    }

    /** What entries of writers may take in all; at least 1. */
    public long capacityBytes() {
        return Math.max(1, limitBytes - reserveBytes());
    }

    private long reserveBytes() {
        return Math.min(
                settings.reserveBytes(),
                Math.max(JournalSettings.RESERVE_FILES * settings.fileBytes(), limitBytes / 10));
    }

    /**
     * Whether copies of recovery may be taken. They use the reserve but for its last two files: a start takes one, and
     * can let go of the one that the start before took.
     */
    public boolean admitsRecovery(long queuedBytes) {
        return writtenBytes() + queuedBytes + 2 * settings.fileBytes() <= limitBytes;
    }

    private long writtenBytes() {
        return head == null ? usedBytes : usedBytes - head.sizeBytes() + headEnd;
    }

    /** Bytes of records that are held. */
    public long liveBytes() {
        return liveBytes;
    }

    /** Bytes of the files that hold something. */
    public long usedBytes() {
        return usedBytes;
    }

    public long limitBytes() {
        return limitBytes;
    }

    public JournalSettings settings() {
        return settings;
    }

    /** Closes every file. */
    public void close() throws IOException {
        for (Usage usage : inUse.values()) {
            usage.file.file().close();
        }
        for (Free file : free) {
            file.file().close();
        }
        for (NumberedFile spare : spares.values()) {
            spare.file().close();
        }
    }
}
