package io.siltstone.log.writer;

import io.siltstone.log.PartitionId;
import io.siltstone.log.chain.ChainStore;
import io.siltstone.log.chain.PartitionState;
import io.siltstone.log.chain.PartitionStateCodec;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/** One partition's register; a test scripts what becomes of the next compare-and-sets. */
final class FakeChainStore implements ChainStore {

    enum Fate {
        APPLIED_BUT_UNKNOWN,
        NOT_APPLIED_AND_UNKNOWN,
        HELD
    }

    private final VirtualTime time;
    final Deque<Fate> fates = new ArrayDeque<>();
    final Deque<Runnable> held = new ArrayDeque<>();
    PartitionState state = PartitionState.initial();
    int version;

    FakeChainStore(VirtualTime time) {
        this.time = time;
    }

    void set(PartitionState next) {
        state = next;
        version++;
    }

    @Override
    public void read(PartitionId partition, Consumer<ReadResult> answer) {
        time.soon(() -> answer.accept(new ReadResult.Found(state, version)));
    }

    @Override
    public void compareAndSet(
            PartitionId partition, int expectedVersion, PartitionState next, Consumer<CasResult> answer) {
        Fate fate = fates.poll();
        if (fate == Fate.HELD) {
            held.add(() -> apply(expectedVersion, next, answer));
            return;
        }
        time.soon(() -> {
            if (fate == null) {
                apply(expectedVersion, next, answer);
                return;
            }
            if (fate == Fate.APPLIED_BUT_UNKNOWN) {
                apply(expectedVersion, next, result -> {});
            }
            time.soon(() -> answer.accept(new CasResult.Unknown("scripted")));
        });
    }

    private void apply(int expectedVersion, PartitionState next, Consumer<CasResult> answer) {
        boolean won = expectedVersion == version || expectedVersion == -1;
        if (won) {
            set(PartitionStateCodec.decode(PartitionStateCodec.encode(next)));
        }
        int now = version;
        time.soon(() -> answer.accept(won ? new CasResult.Won(now) : new CasResult.Lost()));
    }
}
