package io.siltstone.testkit.simulation;

import io.siltstone.log.PartitionId;
import io.siltstone.log.chain.ChainStore;
import io.siltstone.log.chain.PartitionState;
import io.siltstone.log.chain.PartitionStateCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * One partition's register, kept as ZooKeeper keeps it: linear, versioned. Any compare-and-set may end unknown, having
 * happened, never to happen, or yet to happen.
 */
final class SimChainStore {

    private final World world;
    private final Lifetime forEver = new Lifetime();
    private final BiConsumer<PartitionState, PartitionState> onChange;
    private final Faults faults;
    private final List<PartitionState> underWay = new ArrayList<>();
    private PartitionState state = PartitionState.initial();
    private int version;

    SimChainStore(World world, Faults faults, BiConsumer<PartitionState, PartitionState> onChange) {
        this.world = world;
        this.faults = faults;
        this.onChange = onChange;
    }

    PartitionState state() {
        return state;
    }

    int version() {
        return version;
    }

    /** The state, and those that it may yet be set to. */
    List<PartitionState> possibleStates() {
        List<PartitionState> possible = new ArrayList<>(underWay);
        possible.add(state);
        return possible;
    }

    /** The store as one process reaches it. */
    ChainStore seenBy(String name, Lifetime life) {
        return new ChainStore() {
            @Override
            public void read(PartitionId partition, Consumer<ReadResult> answer) {
                world.after(delay(), forEver, () -> {
                    if (world.chance(faults.readUnavailable())) {
                        world.after(delay(), life, () -> answer.accept(new ReadResult.Unavailable("simulated")));
                        return;
                    }
                    ReadResult found = new ReadResult.Found(state, version);
                    world.after(delay(), life, () -> answer.accept(found));
                });
            }

            @Override
            public void compareAndSet(
                    PartitionId partition, int expectedVersion, PartitionState next, Consumer<CasResult> answer) {
                byte[] bytes = PartitionStateCodec.encode(next);
                boolean unknown = world.chance(faults.casUnknown());
                boolean applied = !unknown || world.chance(0.7);
                long reaches =
                        delay() + (unknown && world.chance(0.3) ? world.random().nextLong(3_000_000) : 0);
                if (unknown) {
                    world.after(delay() + 5_000, life, () -> answer.accept(new CasResult.Unknown("simulated")));
                }
                if (!applied) {
                    return;
                }
                underWay.add(next);
                world.after(reaches, forEver, () -> {
                    underWay.remove(next);
                    CasResult result = apply(name, expectedVersion, bytes);
                    if (!unknown) {
                        world.after(delay(), life, () -> answer.accept(result));
                    }
                });
            }
        };
    }

    private ChainStore.CasResult apply(String name, int expectedVersion, byte[] bytes) {
        if (expectedVersion != version && expectedVersion != -1) {
            world.tell(() -> "znode: " + name + " loses at version " + expectedVersion + ", it is " + version);
            return new ChainStore.CasResult.Lost();
        }
        PartitionState before = state;
        state = PartitionStateCodec.decode(bytes);
        version++;
        world.tell(() -> "znode: " + name + " sets version " + version + ": epoch " + state.epoch() + ", "
                + state.last().map(Object::toString).orElse("no segment"));
        onChange.accept(before, state);
        return new ChainStore.CasResult.Won(version);
    }

    private long delay() {
        return 200 + world.random().nextLong(2_000);
    }
}
