package io.siltstone.log.client;

import io.netty.buffer.ByteBuf;
import io.siltstone.log.wire.Frame;
import io.siltstone.log.wire.OutgoingFrame;
import io.siltstone.log.wire.proto.Reply;
import io.siltstone.log.wire.proto.Request;
import io.siltstone.log.writer.Replicas.Answer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The questions to one disk that have no answer yet, oldest first. Each is answered exactly once. Confined to the loop
 * of its link. Bounded: past its limit a request fails at once.
 */
final class PendingRequests {

    private static final Logger LOG = LoggerFactory.getLogger(PendingRequests.class);

    private static final int MAX_PENDING = 10_000;

    /** A question; its frame is null once it went out. */
    private static final class Pending {
        final long askedNanos;
        final Consumer<Answer<Frame<Reply>>> receiver;

        @Nullable
        OutgoingFrame frame;

        Pending(long askedNanos, OutgoingFrame frame, Consumer<Answer<Frame<Reply>>> receiver) {
            this.askedNanos = askedNanos;
            this.frame = frame;
            this.receiver = receiver;
        }

        void answer(Answer<Frame<Reply>> answer) {
            OutgoingFrame unsent = frame;
            frame = null;
            if (unsent != null) {
                unsent.release();
            }
            try {
                receiver.accept(answer);
            } catch (RuntimeException broken) {
                // Whoever asked fails alone; the link serves others.
                LOG.error("An answer was not taken by who asked for it", broken);
            }
        }
    }

    private final Map<Long, Pending> pending = new LinkedHashMap<>();
    private long lastId;

    /**
     * Registers a question, to be sent by {@link #unsent}.
     *
     * @param payloads owned from now on
     * @return false where there are too many, and the question was not taken
     */
    boolean add(
            Request.Builder request, List<ByteBuf> payloads, long nowNanos, Consumer<Answer<Frame<Reply>>> receiver) {
        if (pending.size() >= MAX_PENDING) {
            return false;
        }
        lastId++;
        OutgoingFrame frame = new OutgoingFrame(request.setId(lastId).build(), payloads);
        pending.put(lastId, new Pending(nowNanos, frame, receiver));
        return true;
    }

    boolean isEmpty() {
        return pending.isEmpty();
    }

    /** What is still to be sent, in order; owned by the caller. */
    List<OutgoingFrame> unsent() {
        List<OutgoingFrame> frames = new ArrayList<>();
        for (Pending each : pending.values()) {
            OutgoingFrame frame = each.frame;
            if (frame != null) {
                each.frame = null;
                frames.add(frame);
            }
        }
        return frames;
    }

    /** A reply, which stays the caller's. One to a question that was already answered is ignored. */
    void reply(Frame<Reply> reply) {
        Pending asked = pending.remove(reply.header().getId());
        if (asked != null) {
            asked.answer(new Answer.Ok<>(reply));
        }
    }

    /** Answers all that were asked before the given time, for they have waited too long. */
    void expire(long askedBeforeNanos, String why) {
        List<Pending> expired = new ArrayList<>();
        for (Iterator<Pending> each = pending.values().iterator(); each.hasNext(); ) {
            Pending oldest = each.next();
            if (oldest.askedNanos - askedBeforeNanos > 0) {
                break;
            }
            each.remove();
            expired.add(oldest);
        }
        expired.forEach(each -> each.answer(new Answer.Failed<>(why)));
    }

    /** Takes all out, unanswered; each result gives one its answer. */
    List<Runnable> takeAll(Answer<Frame<Reply>> answer) {
        List<Runnable> answers = new ArrayList<>(pending.size());
        pending.values().forEach(each -> answers.add(() -> each.answer(answer)));
        pending.clear();
        return answers;
    }
}
