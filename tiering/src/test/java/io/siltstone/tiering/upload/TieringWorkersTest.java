package io.siltstone.tiering.upload;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TieringWorkersTest {

    private final TieringWorkers workers = TieringWorkers.on(List.of(Runnable::run));
    private final List<String> granted = new ArrayList<>();
    private final List<TieringWorkers.Slot> slots = new ArrayList<>();

    @Test
    void whoCameFirstIsServedFirstWhereNothingIsShort() {
        ask("busy", 0);
        ask("a", 0);
        ask("b", 0);

        releaseAll();

        assertThat(granted).containsExactly("busy", "a", "b");
    }

    @Test
    void whatIsShortOfMoreCopiesIsUploadedBeforeWhatWaitsLonger() {
        ask("busy", 0);
        ask("complete", 0);
        ask("one missing", 1);
        ask("two missing", 2);
        ask("one missing, later", 1);

        releaseAll();

        assertThat(granted).containsExactly("busy", "two missing", "one missing", "one missing, later", "complete");
    }

    @Test
    void copiesThatAreLostWhileItWaitsBringItForward() {
        AtomicInteger missing = new AtomicInteger();
        ask("busy", 0);
        ask("complete", 0);
        workers.acquire(missing::get, slot -> granted("unlucky", slot));
        missing.set(1);

        releaseAll();

        assertThat(granted).containsExactly("busy", "unlucky", "complete");
    }

    private void ask(String name, int missingCopies) {
        workers.acquire(() -> missingCopies, slot -> granted(name, slot));
    }

    private void granted(String name, TieringWorkers.Slot slot) {
        granted.add(name);
        slots.add(slot);
    }

    private void releaseAll() {
        while (!slots.isEmpty()) {
            slots.remove(0).release();
        }
    }
}
