package io.siltstone.metadata.memory;

import io.siltstone.log.DiskId;
import io.siltstone.log.chain.Owner;
import io.siltstone.log.writer.Timers;
import io.siltstone.metadata.ClusterImage;
import io.siltstone.metadata.ExecutorTimers;
import io.siltstone.metadata.ImageEdit;
import io.siltstone.metadata.ImagePublisher;
import io.siltstone.metadata.Metadata;
import io.siltstone.metadata.MetadataException;
import io.siltstone.metadata.assignment.Controller;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One cluster's metadata in memory; processes join it with {@link #join}. Confined to one thread, that of the executor
 * it is given: every call is a task there, so each is atomic, and the newest image is the truth itself.
 */
public final class InMemoryCluster implements AutoCloseable {

    private final Executor thread;
    private final Runnable stop;
    private final Timers timers;
    private final RandomGenerator random;
    private final String clusterId;
    private final byte[] secret = new byte[32];
    private final ImagePublisher publisher;
    private final Map<Owner, Registration> ingestNodes = new HashMap<>();
    private final Map<DiskId, InMemoryMetadata> disks = new HashMap<>();
    private final Map<Owner, Controller> candidates = new LinkedHashMap<>();
    private long nextProducerId;

    /**
     * An empty cluster.
     *
     * @param thread runs one task at a time, in the order they came
     * @param timers whose callbacks run there too
     */
    public InMemoryCluster(Executor thread, Timers timers, RandomGenerator random) {
        this(thread, timers, random, () -> {});
    }

    private InMemoryCluster(Executor thread, Timers timers, RandomGenerator random, Runnable stop) {
        this.thread = thread;
        this.timers = timers;
        this.random = random;
        this.stop = stop;
        byte[] id = new byte[16];
        random.nextBytes(id);
        id[0] &= 0x7f;
        random.nextBytes(secret);
        clusterId = Base64.getUrlEncoder().withoutPadding().encodeToString(id);
        publisher = new ImagePublisher(clusterId, thread);
        thread.execute(publisher::complete);
    }

    /** An empty cluster with a thread of its own. */
    public static InMemoryCluster threaded(RandomGenerator random) {
        ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread daemon = new Thread(task, "in-memory-cluster");
            daemon.setDaemon(true);
            return daemon;
        });
        return new InMemoryCluster(thread, new ExecutorTimers(thread), random, thread::shutdownNow);
    }

    /** Another process of the cluster. */
    public Metadata join() {
        return new InMemoryMetadata(this);
    }

    @Override
    public void close() {
        stop.run();
    }

    String clusterId() {
        return clusterId;
    }

    byte[] secret() {
        return secret.clone();
    }

    ImagePublisher publisher() {
        return publisher;
    }

    ClusterImage image() {
        return publisher.image();
    }

    Timers timers() {
        return timers;
    }

    UUID mintTopicId() {
        return new UUID(random.nextLong(), random.nextLong());
    }

    long takeProducerIds(int count) {
        long first = nextProducerId;
        nextProducerId += count;
        return first;
    }

    void execute(Runnable task) {
        thread.execute(task);
    }

    <T> CompletableFuture<T> call(Callable<T> operation) {
        CompletableFuture<T> result = new CompletableFuture<>();
        thread.execute(() -> {
            try {
                result.complete(operation.call());
            } catch (RuntimeException failure) {
                result.completeExceptionally(failure);
            } catch (Exception failure) {
                result.completeExceptionally(new MetadataException.Unavailable("in memory: " + failure, failure));
            }
        });
        return result;
    }

    void edit(Consumer<ImageEdit> edits) {
        publisher.publish(edits);
    }

    void registered(Owner owner, InMemoryMetadata by, Runnable lost) {
        ingestNodes.put(owner, new Registration(by, lost));
    }

    void unregister(Owner owner) {
        ingestNodes.remove(owner);
        if (image().isLive(owner)) {
            edit(edit -> edit.removeIngestNode(owner.node()));
        }
    }

    void evict(Owner owner) {
        Registration registration = ingestNodes.get(owner);
        unregister(owner);
        withdraw(owner);
        if (registration != null) {
            thread.execute(registration.lost());
        }
    }

    void diskServed(DiskId disk, InMemoryMetadata by) {
        disks.put(disk, by);
    }

    boolean isServed(DiskId disk, @Nullable InMemoryMetadata by) {
        return by == null ? disks.containsKey(disk) : by.equals(disks.get(disk));
    }

    void diskGone(DiskId disk) {
        disks.remove(disk);
        image().storageDisk(disk).ifPresent(known -> edit(edit -> edit.putStorageDisk(known.withLive(false))));
    }

    void stand(Owner owner, Controller controller) {
        candidates.put(owner, controller);
        elect();
    }

    void withdraw(Owner owner) {
        Controller controller = candidates.remove(owner);
        if (controller != null) {
            controller.resign();
            elect();
        }
    }

    /** The end of a process: what it registered goes, and nobody is told. */
    void left(InMemoryMetadata process) {
        ingestNodes.entrySet().stream()
                .filter(entry -> entry.getValue().by().equals(process))
                .map(Map.Entry::getKey)
                .toList()
                .forEach(owner -> {
                    unregister(owner);
                    withdraw(owner);
                });
        disks.entrySet().stream()
                .filter(entry -> entry.getValue().equals(process))
                .map(Map.Entry::getKey)
                .toList()
                .forEach(this::diskGone);
    }

    private void elect() {
        Map.Entry<Owner, Controller> first =
                candidates.entrySet().stream().findFirst().orElse(null);
        edit(edit -> edit.setController(first == null ? null : first.getKey()));
        if (first != null && !first.getValue().isLeading()) {
            first.getValue().lead(image());
        }
    }

    private record Registration(InMemoryMetadata by, Runnable lost) {}
}
