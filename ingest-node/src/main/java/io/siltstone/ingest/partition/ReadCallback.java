package io.siltstone.ingest.partition;

import io.netty.buffer.ByteBuf;
import java.util.List;

/** Hears what became of one read; called once, on the partition's event loop. */
public interface ReadCallback {

    /** Whole batches, the first of which holds the offset asked for; they belong to the receiver. */
    void read(List<ByteBuf> batches);

    /**
     * Nothing was read.
     *
     * @param why one of Kafka's exceptions
     */
    void failed(RuntimeException why);
}
