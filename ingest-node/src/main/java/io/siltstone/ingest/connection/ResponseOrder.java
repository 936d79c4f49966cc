package io.siltstone.ingest.connection;

import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Lets a connection's answers go in the order of their requests, whatever the order they are ready in. Confined to the
 * connection's event loop.
 */
final class ResponseOrder {

    private final ArrayDeque<Slot> slots = new ArrayDeque<>();
    private final Consumer<EncodedResponse> out;
    private boolean closed;

    /** Answers leave through {@code out}, which takes them over. */
    ResponseOrder(Consumer<EncodedResponse> out) {
        this.out = out;
    }

    /** The place of the next request's answer. */
    Slot next() {
        Slot slot = new Slot();
        slots.add(slot);
        return slot;
    }

    /** The connection is gone: what waits is released, what is still to come will be. */
    void close() {
        closed = true;
        for (Slot slot : slots) {
            if (slot.answer != null) {
                slot.answer.drop();
                slot.answer = null;
            }
        }
        slots.clear();
    }

    /** One request's place in the order. */
    final class Slot {

        private @Nullable EncodedResponse answer;

        /** Fills the place; takes the answer over. */
        void fill(EncodedResponse response) {
            if (answer != null) {
                throw new IllegalStateException("a request is answered once");
            }
            if (closed) {
                response.drop();
                return;
            }
            answer = response;
            for (Slot head = slots.peek(); head != null && head.answer != null; head = slots.peek()) {
                slots.remove();
                out.accept(head.answer);
            }
        }
    }
}
