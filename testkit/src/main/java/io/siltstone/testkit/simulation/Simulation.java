package io.siltstone.testkit.simulation;

import io.siltstone.log.DiskId;
import io.siltstone.log.PartitionId;
import io.siltstone.log.chain.ChainSegment;
import io.siltstone.log.chain.Owner;
import io.siltstone.log.chain.PartitionState;
import io.siltstone.log.chain.Quorum;
import io.siltstone.log.writer.LogSettings;
import io.siltstone.log.writer.UpdateResult;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One partition, its owners one after the other and at once, three to five storage nodes, a metadata store and clients,
 * for some seconds of faults and then some of peace, all from one seed. Whatever is told to clients is held against the
 * invariants as it happens.
 */
public final class Simulation {

    private static final long FAULTY_MICROS = 6_000_000;
    private static final long PEACE_MICROS = 120_000_000;
    private static final int MAX_OWNERS = 6;

    private final long seed;
    private final World world;
    private final Faults faults;
    private final Breakage breakage;
    private final PartitionId partition;
    private final List<SimStorageNode> nodes = new ArrayList<>();
    private final List<SimOwner> owners = new ArrayList<>();
    private final List<SimReplicas> ownersReplicas = new ArrayList<>();
    private final List<SimPlacement> placements = new ArrayList<>();
    private final SimChainStore chains;
    private final History history;
    private final LogSettings settings;
    private final DiskDeaths deaths;
    private final Lifetime always = new Lifetime();
    private final boolean trims;
    private final boolean zones;
    private int nextBatch = 1;
    private int nextOwner = 1;
    private boolean peace;

    private Simulation(long seed, Breakage breakage, boolean telling) {
        this.seed = seed;
        this.breakage = breakage;
        world = new World(seed, telling);
        faults = Faults.draw(world.random());
        partition = new PartitionId(new UUID(seed, 1), 0);
        int nodeCount = 3 + world.random().nextInt(3);
        for (int i = 1; i <= nodeCount; i++) {
            nodes.add(new SimStorageNode("storage-" + i, world, partition, breakage.replicaRules()));
        }
        history = new History(world, new History.Disks() {
            @Override
            public boolean holds(DiskId disk, long segment, long offset, int batch) {
                return node(disk)
                        .map(node -> node.ledger().holds(segment, offset, batch))
                        .orElse(false);
            }

            @Override
            public boolean exists(DiskId disk) {
                return node(disk).isPresent();
            }
        });
        chains = new SimChainStore(world, faults, this::chainChanged);
        Quorum quorum = nodeCount == 5 && world.chance(0.3)
                ? new Quorum(5, 3)
                : world.chance(0.15) ? new Quorum(2, 2) : new Quorum(3, 2);
        settings = new LogSettings(quorum, 500 + world.random().nextInt(20_000), 3_000, 64 << 10, 1_500);
        deaths = new DiskDeaths(chains, placements, nodes, quorum.ack());
        trims = world.chance(0.7);
        zones = world.chance(0.4);
    }

    /** Runs a seed without keeping its story. */
    public static SimulationResult run(long seed, Breakage breakage) {
        return new Simulation(seed, breakage, false).run();
    }

    /** Runs a seed and keeps its story. */
    public static SimulationResult tell(long seed, Breakage breakage) {
        return new Simulation(seed, breakage, true).run();
    }

    private SimulationResult run() {
        long events = 0;
        String rule = null;
        String what = "";
        try {
            nodes.forEach(SimStorageNode::start);
            startOwner();
            world.after(0, always, this::clientActs);
            world.after(5_000, always, this::faultsHappen);
            world.after(50_000, always, this::tier);
            while (world.step(FAULTY_MICROS)) {
                events++;
            }
            events += makePeace();
        } catch (Violation violation) {
            rule = violation.rule();
            what = String.valueOf(violation.getMessage());
        } catch (RuntimeException broken) {
            rule = "an assertion of the core";
            what = broken + " at " + broken.getStackTrace()[0];
        }
        return new SimulationResult(seed, rule, what, world.story(), history.acknowledgedCount(), events);
    }

    private Optional<SimStorageNode> node(DiskId disk) {
        return nodes.stream().filter(node -> node.identity().equals(disk)).findFirst();
    }

    private void startOwner() {
        int number = nextOwner++;
        Lifetime life = new Lifetime();
        String name = "owner-" + number;
        SimReplicas replicas = new SimReplicas(world, faults, life, nodes);
        SimPlacement placement = new SimPlacement(world, nodes, zones);
        SimOwner owner = new SimOwner(
                name,
                world,
                life,
                history,
                partition,
                new Owner(number, number * 31L),
                () -> settings,
                chains.seenBy(name, life),
                replicas,
                new SimTimers(world, life),
                placement,
                breakage.logRules());
        owners.add(owner);
        ownersReplicas.add(replicas);
        placements.add(placement);
        world.tell(() -> name + " takes over");
        owner.log().takeOver();
    }

    private SimOwner newestOwner() {
        return owners.get(owners.size() - 1);
    }

    private void endOwner(SimOwner owner) {
        world.tell(() -> owner + " is killed");
        owner.life().end();
        ownersReplicas.get(owners.indexOf(owner)).links().forEach(SimLink::broken);
    }

    private void chainChanged(PartitionState before, PartitionState after) {
        history.chainChanged(before, after);
        int version = chains.version();
        for (SimOwner owner : owners) {
            if (world.chance(0.5)) {
                world.after(world.random().nextLong(100_000), owner.life(), () -> {
                    if (owner.log().epoch() >= 0) {
                        owner.log().chainChanged(after, version);
                    }
                });
            }
        }
    }

    private @Nullable SimOwner servingOwner() {
        List<SimOwner> serving = owners.stream().filter(SimOwner::isServing).toList();
        if (serving.isEmpty()) {
            return null;
        }
        return world.chance(0.7)
                ? serving.get(serving.size() - 1)
                : serving.get(world.random().nextInt(serving.size()));
    }

    private void clientActs() {
        if (peace) {
            return;
        }
        SimOwner owner = servingOwner();
        if (owner != null) {
            int sends = 1 + world.random().nextInt(3);
            for (int i = 0; i < sends && owner.isServing(); i++) {
                boolean again = nextBatch > 1 && world.chance(0.4);
                int id = again
                        ? Math.max(1, nextBatch - 1 - world.random().nextInt(Math.min(nextBatch, 8)))
                        : nextBatch++;
                int fill = world.random().nextInt(600);
                // Never on the owner's own pause: a client reaches it only while it runs.
                world.after(0, owner.life(), () -> {
                    if (owner.isServing()) {
                        owner.produce(id, fill);
                    }
                });
            }
            if (world.chance(0.2)) {
                world.after(0, owner.life(), () -> {
                    if (owner.isServing()) {
                        owner.askLatest();
                    }
                });
            }
            if (world.chance(0.02)) {
                world.after(0, owner.life(), () -> owner.log().seal());
            }
        }
        world.after(2_000 + world.random().nextLong(40_000), always, this::clientActs);
    }

    private void faultsHappen() {
        if (peace) {
            return;
        }
        SimStorageNode node = nodes.get(world.random().nextInt(nodes.size()));
        if (!node.isUp()) {
            if (world.chance(0.4)) {
                node.start();
            }
        } else if (world.chance(faults.crashNode())) {
            node.crash(world.chance(faults.powerLoss()));
            history.diskChanged();
        }
        if (world.chance(faults.killDisk()) && deaths.mayDie(node.identity())) {
            node.loseDisk();
            history.diskChanged();
        }
        node.files().failForce(faults.failFsync());
        if (world.chance(faults.breakLink())) {
            breakLink();
        }
        ownersSuffer();
        world.after(20_000 + world.random().nextLong(100_000), always, this::faultsHappen);
    }

    private void breakLink() {
        SimReplicas any = ownersReplicas.get(world.random().nextInt(ownersReplicas.size()));
        List<SimLink> links = any.links();
        if (!links.isEmpty()) {
            links.get(world.random().nextInt(links.size())).broken();
        }
    }

    private void ownersSuffer() {
        SimOwner last = newestOwner();
        if (world.chance(faults.pauseOwner())) {
            long until = world.nowMicros() + world.random().nextLong(3_000_000);
            world.tell(() -> last + " stands still until " + until / 1_000 + " ms");
            last.life().pauseUntil(until);
        }
        boolean ownerless = last.life().hasEnded() || !last.log().isOpen();
        if (owners.size() < MAX_OWNERS && world.chance(ownerless ? 0.2 : faults.takeOver())) {
            if (world.chance(0.15) && last.isServing()) {
                world.tell(() -> last + " is asked to hand over");
                world.after(0, last.life(), last::release);
            } else if (world.chance(faults.killOwner())) {
                endOwner(last);
            }
            startOwner();
        }
    }

    /** Rules 11 to 13 in short: a closed segment reaches the bucket in one step, then its owner trims, then disks drop. */
    private void tier() {
        if (!trims || peace) {
            return;
        }
        PartitionState state = chains.state();
        long tieredBelow = 0;
        for (ChainSegment segment : state.segments()) {
            if (!(segment instanceof ChainSegment.Closed closed) || !tierOne(closed)) {
                break;
            }
            tieredBelow = segment.number() + 1;
        }
        long below = tieredBelow;
        SimOwner owner = servingOwner();
        if (owner != null && below > 0) {
            world.after(0, owner.life(), () -> trim(owner, below));
        }
        SimStorageNode node = nodes.get(world.random().nextInt(nodes.size()));
        if (node.isUp() && state.trimBelow() > 0) {
            node.drop(state.trimBelow());
        }
        world.after(50_000 + world.random().nextLong(300_000), always, this::tier);
    }

    private boolean tierOne(ChainSegment.Closed closed) {
        if (closed.isEmpty()) {
            return true;
        }
        for (DiskId disk : closed.replicas()) {
            SortedMap<Long, Integer> content = node(disk)
                    .filter(SimStorageNode::isUp)
                    .map(node -> node.ledger()
                            .content(closed.number())
                            .headMap(closed.end().endOffset()))
                    .orElse(null);
            if (content != null && content.size() == closed.end().endOffset() - closed.baseOffset()) {
                history.tiered(closed.number(), content);
                return true;
            }
        }
        return false;
    }

    private void trim(SimOwner owner, long tieredBelow) {
        if (!owner.isServing()) {
            return;
        }
        long below = Math.min(tieredBelow, owner.log().snapshotConfirmedIn());
        if (below <= 0) {
            return;
        }
        owner.log()
                .update(
                        current -> current.trimBelow() >= below ? null : current.trimmedBelow(below),
                        result -> world.tell(() -> owner + (result == UpdateResult.DONE ? " trims" : " does not trim")
                                + " below segment " + below));
    }

    /**
     * Faults end, everything comes up: the partition must be written to again, by the owner that it has and then by one
     * more, which must have everything.
     */
    private long makePeace() {
        peace = true;
        world.tell(() -> "peace");
        for (SimStorageNode node : nodes) {
            node.files().failForce(0);
            if (!node.isUp()) {
                node.start();
            }
        }
        owners.forEach(owner -> owner.life().pauseUntil(0));
        long events = requireWriting(FAULTY_MICROS + PEACE_MICROS);
        startOwner();
        events += requireWriting(FAULTY_MICROS + 2 * PEACE_MICROS);
        history.requireNoDuplicate();
        history.requireExposedUpTo(history.acknowledgedEnd());
        return events;
    }

    /** What is written now is acknowledged in time, by the newest owner, before a roll and after it. */
    private long requireWriting(long untilMicros) {
        long events = 0;
        for (int segment = 0; segment < 2; segment++) {
            int batch = nextBatch++;
            while (!isWritten(batch)) {
                if (!world.step(untilMicros)) {
                    throw new Violation(
                            "liveness",
                            "two minutes after the last fault " + newestOwner() + " has not acknowledged batch " + batch
                                    + ": " + chains.state());
                }
                events++;
                restartFailed();
            }
            newestOwner().log().seal();
        }
        return events;
    }

    /** Writes the batch where it is not written; where the owner is gone, another takes over. */
    private boolean isWritten(int batch) {
        SimOwner owner = newestOwner();
        if (owner.life().hasEnded() || owner.hasResigned()) {
            startOwner();
            return false;
        }
        if (!owner.isServing()) {
            return false;
        }
        owner.produce(batch, 0);
        return owner.hasConfirmed(batch);
    }

    private void restartFailed() {
        nodes.stream()
                .filter(node -> !node.isUp())
                .sorted(Comparator.comparing(SimStorageNode::toString))
                .forEach(SimStorageNode::start);
    }
}
