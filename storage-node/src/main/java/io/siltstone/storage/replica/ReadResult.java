package io.siltstone.storage.replica;

import io.netty.buffer.ByteBuf;
import io.siltstone.log.EntryHeader;
import java.util.List;

/** What came of a read. */
public sealed interface ReadResult {

    /** Entries with their payloads, checked; who receives them releases the payloads. */
    record Found(List<EntryHeader> headers, List<ByteBuf> payloads) implements ReadResult {

        public void release() {
            payloads.forEach(ByteBuf::release);
        }
    }

    /** The disk does not hold what was written to it. */
    record Damaged(String what) implements ReadResult {}

    /** Too many reads wait, or take the memory; a later one may be answered. */
    record Busy() implements ReadResult {}
}
