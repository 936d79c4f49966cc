package io.siltstone.log.writer;

import static org.assertj.core.api.Assertions.assertThat;

import io.siltstone.log.PartitionId;
import io.siltstone.log.chain.Owner;
import io.siltstone.log.chain.PartitionState;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OwnedChainTest {

    private final VirtualTime time = new VirtualTime();
    private final FakeChainStore store = new FakeChainStore(time);
    private final List<String> told = new ArrayList<>();
    private Runnable onLogStartOne = () -> {};

    private final OwnedChain chain = new OwnedChain(
            new PartitionId(new UUID(1, 2), 3), new Owner(1, 7), store, time, new LogRules(), new OwnedChain.Events() {
                @Override
                public void stateChanged(PartitionState state) {
                    if (state.logStart() == 1) {
                        onLogStartOne.run();
                    }
                }

                @Override
                public void lost(Resignation why) {
                    told.add("lost " + why);
                }
            });

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void changeSubmittedWhileTheStateChangesIsToldDoneOnlyOnceTheZnodeHoldsIt(boolean outcomeUnknown) {
        onLogStartOne = () -> {
            onLogStartOne = () -> {};
            submit(2);
        };
        chain.claim(() -> {});
        time.advance(10);
        if (outcomeUnknown) {
            store.fates.add(FakeChainStore.Fate.APPLIED_BUT_UNKNOWN);
        }

        submit(1);
        time.advance(1_000);

        assertThat(told).containsExactly("1 done at 1", "2 done at 2");
        assertThat(store.state.logStart()).isEqualTo(2);
    }

    @Test
    void changesAreMadeInTheOrderTheyWereSubmitted() {
        chain.claim(() -> {});
        submit(1);
        submit(2);
        submit(3);
        time.advance(1_000);

        assertThat(told).containsExactly("1 done at 1", "2 done at 2", "3 done at 3");
    }

    @Test
    void aChangeThatCannotBeMadeEndsTheTenure() {
        chain.claim(() -> {});
        time.advance(10);

        submit(1);
        submit(current -> {
            throw new IllegalStateException("no open segment to close");
        });
        submit(2);
        time.advance(1_000);

        assertThat(told).containsExactly("1 done at 1", "change not_owner", "2 not_owner at 1", "lost CLOSED");
        assertThat(store.state.logStart()).isEqualTo(1);
    }

    private void submit(ChainChange change) {
        chain.submit(change, result -> told.add("change " + result.name().toLowerCase(Locale.ROOT)));
    }

    private void submit(long logStart) {
        chain.submit(
                current -> current.logStart() >= logStart ? null : current.withLogStart(logStart),
                result -> told.add(logStart + " " + result.name().toLowerCase(Locale.ROOT) + " at "
                        + chain.state().logStart()));
    }
}
