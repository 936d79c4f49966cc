package io.siltstone.ingest.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RequestBudgetTest {

    private final RequestBudget budget = new RequestBudget(100);
    private final AtomicInteger resumed = new AtomicInteger();

    @Test
    void whoIsPausedGoesOnOnceAQuarterIsFree() {
        budget.hold(100);
        assertThat(budget.exhausted()).isTrue();
        budget.whenFree(resumed::incrementAndGet);

        budget.free(20);
        assertThat(resumed).hasValue(0);
        budget.free(5);

        assertThat(resumed).hasValue(1);
    }

    @Test
    void blockHoldsEverybodyUntilItIsLifted() {
        budget.block();
        assertThat(budget.exhausted()).isTrue();
        budget.whenFree(resumed::incrementAndGet);
        assertThat(resumed).hasValue(0);

        budget.unblock();

        assertThat(budget.exhausted()).isFalse();
        assertThat(resumed).hasValue(1);
    }

    @Test
    void whoComesWhenThereIsRoomGoesOnAtOnce() {
        budget.whenFree(resumed::incrementAndGet);

        assertThat(resumed).hasValue(1);
    }
}
