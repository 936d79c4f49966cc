package io.siltstone.testkit.simulation;

import io.siltstone.log.DiskId;
import io.siltstone.log.PartitionId;
import io.siltstone.storage.journal.JournalGroup;
import io.siltstone.storage.journal.JournalSettings;
import io.siltstone.storage.replica.ReplicaCore;
import io.siltstone.storage.replica.ReplicaEngine;
import io.siltstone.storage.replica.ReplicaRules;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A storage node: the production core and journal on a simulated disk, with a crash possible between any two steps. */
final class SimStorageNode {

    private static final JournalSettings SETTINGS = new JournalSettings(256 << 10, 24L * (256 << 10));

    private final String name;
    private final World world;
    private final PartitionId partition;
    private final ReplicaRules rules;
    private final List<SimLink> links = new ArrayList<>();
    private SimDisk files;
    private DiskId identity;
    private DiskLedger ledger = new DiskLedger();
    private Lifetime life = new Lifetime();
    private @Nullable ReplicaEngine engine;
    private boolean writing;

    SimStorageNode(String name, World world, PartitionId partition, ReplicaRules rules) {
        this.name = name;
        this.world = world;
        this.partition = partition;
        this.rules = rules;
        files = new SimDisk(world);
        identity = mint();
    }

    private DiskId mint() {
        return new DiskId(new UUID(world.random().nextLong(), world.random().nextLong()));
    }

    DiskId identity() {
        return identity;
    }

    DiskLedger ledger() {
        return ledger;
    }

    Lifetime life() {
        return life;
    }

    SimDisk files() {
        return files;
    }

    boolean isUp() {
        return engine != null;
    }

    @Override
    public String toString() {
        return name;
    }

    ReplicaCore core() {
        ReplicaEngine running = engine;
        if (running == null) {
            throw new IllegalStateException(name + " is down");
        }
        return running.core();
    }

    void start() {
        life = new Lifetime();
        writing = false;
        try {
            ReplicaEngine started = ReplicaEngine.startInline(files, identity, SETTINGS, rules, world.random());
            engine = started;
            started.maintain();
            ledger.compare(name, partition, started.core());
            world.tell(() -> name + " starts: " + started.core().list(partition));
        } catch (IOException | UncheckedIOException failed) {
            world.tell(() -> name + " does not start: " + failed.getMessage());
            engine = null;
        }
    }

    /** The process ends; with the power, the page cache ends too. */
    void crash(boolean powerLoss) {
        world.tell(() -> name + (powerLoss ? " loses its power" : " is killed"));
        stop();
        if (powerLoss) {
            files.powerLost();
        }
    }

    private void stop() {
        life.end();
        engine = null;
        List.copyOf(links).forEach(SimLink::broken);
        links.clear();
    }

    /** The disk dies with all that it held; an empty one, with an identity of its own, is there at the next start. */
    void loseDisk() {
        world.tell(() -> name + " loses its disk for good");
        stop();
        files = new SimDisk(world);
        identity = mint();
        ledger = new DiskLedger();
    }

    void connected(SimLink link) {
        links.add(link);
    }

    void disconnected(SimLink link) {
        links.remove(link);
    }

    /** Drops the partition's segments below the number, which the znode allows. */
    void drop(long below) {
        ledger.dropAsked(below);
        core().drop(partition, below, () -> {});
        pump();
    }

    /** Something may wait for the journal. */
    void pump() {
        ReplicaEngine running = engine;
        if (running == null || writing || !running.hasWork()) {
            return;
        }
        writing = true;
        world.after(20 + world.random().nextLong(300), life, () -> write(running));
    }

    private void write(ReplicaEngine running) {
        JournalGroup group = running.nextGroup();
        if (group == null) {
            writing = false;
            return;
        }
        try {
            running.write(group);
        } catch (IOException failed) {
            diskFailed(failed);
            return;
        }
        world.after(50 + world.random().nextLong(3_000), life, () -> force(running, group));
    }

    private void force(ReplicaEngine running, JournalGroup group) {
        try {
            running.force();
            ledger.fsynced(group);
            running.durable(group);
        } catch (IOException | UncheckedIOException failed) {
            diskFailed(failed);
            return;
        }
        writing = false;
        pump();
    }

    private void diskFailed(Exception failed) {
        world.tell(() -> name + " stops, its disk failed: " + failed.getMessage());
        stop();
    }
}
