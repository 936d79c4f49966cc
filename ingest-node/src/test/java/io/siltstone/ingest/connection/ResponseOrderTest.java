package io.siltstone.ingest.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResponseOrderTest {

    private final List<Integer> sent = new ArrayList<>();
    private final ResponseOrder order =
            new ResponseOrder(answer -> answer.buffers().forEach(buffer -> {
                sent.add(buffer.readInt());
                buffer.release();
            }));

    @Test
    void answersLeaveInTheOrderOfTheirRequests() {
        ResponseOrder.Slot first = order.next();
        ResponseOrder.Slot second = order.next();
        ResponseOrder.Slot third = order.next();

        third.fill(answer(3));
        second.fill(answer(2));
        assertThat(sent).isEmpty();
        first.fill(answer(1));

        assertThat(sent).containsExactly(1, 2, 3);
    }

    @Test
    void requestIsAnsweredOnce() {
        order.next();
        ResponseOrder.Slot second = order.next();
        second.fill(answer(2));

        assertThatThrownBy(() -> second.fill(answer(2))).isInstanceOf(IllegalStateException.class);
        order.close();
    }

    @Test
    void closedConnectionReleasesWhatWaitsAndWhatComes() {
        ResponseOrder.Slot first = order.next();
        ResponseOrder.Slot second = order.next();
        EncodedResponse waiting = answer(2);
        EncodedResponse late = answer(1);
        second.fill(waiting);

        order.close();
        first.fill(late);

        assertThat(waiting.buffers().get(0).refCnt()).isZero();
        assertThat(late.buffers().get(0).refCnt()).isZero();
        assertThat(sent).isEmpty();
    }

    private static EncodedResponse answer(int number) {
        return new EncodedResponse(List.of(Unpooled.buffer().writeInt(number)), List.of());
    }
}
