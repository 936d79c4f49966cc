package io.siltstone.tiering.upload;

import static org.assertj.core.api.Assertions.assertThat;

import io.siltstone.log.chain.ChainSegment;
import io.siltstone.log.writer.Replicas.Answer;
import io.siltstone.log.writer.Replicas.Entry;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What replicas answer and nobody takes is released. */
class EntryReaderTest {

    private static final long ANSWER_MS = 1;

    private final TieringWorld world = new TieringWorld(1);
    private final List<Entry> answered = new ArrayList<>();
    private final List<EntryReader.Result> results = new ArrayList<>();

    @BeforeEach
    void addSegment() {
        world.addClosed(3, 2);
        world.disks.faults(answer -> {
            answered.addAll(((Answer.Ok<List<Entry>>) answer).value());
            return answer;
        });
    }

    private EntryReader reader(long timeoutMs) {
        ChainSegment.Closed closed =
                (ChainSegment.Closed) world.state().segments().get(0);
        TieringSettings settings = new TieringSettings(10_000, timeoutMs, 3_000, 10, 200);
        return new EntryReader(TieringWorld.PARTITION, closed, world.disks, world.loop, settings);
    }

    private void runAll() {
        assertThat(world.loop.runUntil(() -> false)).isFalse();
    }

    @Test
    void answersThatComeTooLateAreReleased() {
        reader(ANSWER_MS).read(0, 0, results::add);
        runAll();

        assertThat(results).singleElement().isInstanceOf(EntryReader.Result.Failed.class);
        assertThat(answered)
                .hasSize(3 * 4)
                .allSatisfy(entry -> assertThat(entry.payload().refCnt()).isZero());
    }

    @Test
    void entriesThatAreNotThoseAskedForAreReleased() {
        reader(1_000).read(1, 777, results::add);
        runAll();

        assertThat(results).singleElement().isInstanceOf(EntryReader.Result.Failed.class);
        assertThat(answered)
                .hasSize(3 * 3)
                .allSatisfy(entry -> assertThat(entry.payload().refCnt()).isZero());
    }
}
