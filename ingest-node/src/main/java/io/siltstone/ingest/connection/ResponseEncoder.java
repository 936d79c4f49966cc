package io.siltstone.ingest.connection;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.network.Send;
import org.apache.kafka.common.network.TransferableChannel;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.FetchResponse;
import org.apache.kafka.common.requests.RequestContext;

/**
 * Turns an answer into direct buffers ready for the socket: what Kafka's codec wrote is copied into one, record bytes
 * stay where they are. (One heap buffer among them would make the socket copy them all.)
 */
final class ResponseEncoder {

    private ResponseEncoder() {}

    /**
     * The frame of the answer, length included; the caller drops or writes it. Where it throws, also for want of memory,
     * the answer's records are released.
     */
    static EncodedResponse encode(RequestContext context, AbstractResponse response, ByteBufAllocator allocator) {
        Sink sink = new Sink(allocator);
        try {
            Send send = context.buildResponseSend(response);
            while (!send.completed()) {
                send.writeTo(sink);
            }
            return sink.encoded();
        } catch (IOException failed) {
            drop(sink, response);
            throw new UncheckedIOException(failed);
        } catch (Throwable failed) {
            drop(sink, response);
            throw failed;
        }
    }

    private static void drop(Sink sink, AbstractResponse response) {
        sink.encoded().drop();
        if (response instanceof FetchResponse fetched) {
            for (FetchableTopicResponse topic : fetched.data().responses()) {
                for (PartitionData partition : topic.partitions()) {
                    if (partition.records() instanceof ByteBufRecords notTaken) {
                        notTaken.release();
                    }
                }
            }
        }
    }

    /** Collects what is sent. */
    static final class Sink implements TransferableChannel {

        private final ByteBufAllocator allocator;
        private final List<ByteBuf> buffers = new ArrayList<>(1);
        private final List<Runnable> whenGone = new ArrayList<>(0);
        private boolean lastIsOurs;

        private Sink(ByteBufAllocator allocator) {
            this.allocator = allocator;
        }

        EncodedResponse encoded() {
            return new EncodedResponse(buffers, whenGone);
        }

        int take(ByteBufRecords records) {
            whenGone.add(records.whenGone());
            buffers.addAll(records.take());
            lastIsOurs = false;
            return records.sizeInBytes();
        }

        @Override
        public int write(ByteBuffer source) {
            int bytes = source.remaining();
            if (bytes > 0) {
                if (!lastIsOurs) {
                    buffers.add(allocator.directBuffer(bytes));
                    lastIsOurs = true;
                }
                buffers.get(buffers.size() - 1).writeBytes(source);
            }
            return bytes;
        }

        @Override
        public long write(ByteBuffer[] sources) {
            return write(sources, 0, sources.length);
        }

        @Override
        public long write(ByteBuffer[] sources, int offset, int length) {
            if (!lastIsOurs) {
                int sum = 0;
                for (int i = offset; i < offset + length; i++) {
                    sum += sources[i].remaining();
                }
                buffers.add(allocator.directBuffer(sum));
                lastIsOurs = true;
            }
            long written = 0;
            for (int i = offset; i < offset + length; i++) {
                written += write(sources[i]);
            }
            return written;
        }

        @Override
        public boolean hasPendingWrites() {
            return false;
        }

        @Override
        public long transferFrom(FileChannel fileChannel, long position, long count) {
            throw new UnsupportedOperationException("answers hold no files");
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }
}
