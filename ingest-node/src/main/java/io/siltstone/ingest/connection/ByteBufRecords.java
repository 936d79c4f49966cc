package io.siltstone.ingest.connection;

import io.netty.buffer.ByteBuf;
import java.util.List;
import org.apache.kafka.common.network.TransferableChannel;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.RecordsSend;

/**
 * Record batches of an answer that lie in buffers of the tail cache or of a read, and go to the socket as they are. Owns
 * a reference of each buffer until the answer is encoded, which takes them over.
 */
public final class ByteBufRecords implements BaseRecords {

    private final List<ByteBuf> buffers;
    private final Runnable whenGone;
    private final int sizeBytes;
    private boolean taken;

    /**
     * Takes over one reference of each buffer.
     *
     * @param whenGone called once, on any thread, when the socket has taken them or they are dropped
     */
    public ByteBufRecords(List<ByteBuf> buffers, Runnable whenGone) {
        this.buffers = buffers;
        this.whenGone = whenGone;
        int sum = 0;
        for (ByteBuf buffer : buffers) {
            sum = Math.addExact(sum, buffer.readableBytes());
        }
        this.sizeBytes = sum;
    }

    @Override
    public int sizeInBytes() {
        return sizeBytes;
    }

    /** Gives the buffers to an answer's encoding. */
    List<ByteBuf> take() {
        if (taken) {
            throw new IllegalStateException("these records are encoded already");
        }
        taken = true;
        return buffers;
    }

    Runnable whenGone() {
        return whenGone;
    }

    /** Gives up the records unsent. */
    public void release() {
        if (!taken) {
            taken = true;
            buffers.forEach(ByteBuf::release);
            whenGone.run();
        }
    }

    @Override
    public RecordsSend<ByteBufRecords> toSend() {
        return new RecordsSend<>(this, sizeBytes) {
            @Override
            protected int writeTo(TransferableChannel channel, int previouslyWritten, int remaining) {
                return ((ResponseEncoder.Sink) channel).take(records());
            }
        };
    }
}
