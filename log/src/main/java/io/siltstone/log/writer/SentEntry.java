package io.siltstone.log.writer;

import io.netty.buffer.ByteBuf;
import io.siltstone.log.EntryHeader;

/**
 * An entry that its writer has taken and not yet confirmed; it owns one reference of the payload.
 *
 * @param sentBytes payload bytes of the segment up to and with this entry
 * @param sentMs monotonic time of the append
 */
record SentEntry(EntryHeader header, ByteBuf payload, BatchTimestamps timestamps, long sentBytes, long sentMs) {

    boolean isSnapshot() {
        return header.offsetCount() == 0;
    }
}
