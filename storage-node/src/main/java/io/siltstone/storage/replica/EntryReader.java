package io.siltstone.storage.replica;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.siltstone.log.EntryHeader;
import io.siltstone.log.wire.Crc32c;
import io.siltstone.storage.journal.RecordFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries out a {@link ReadPlan}: reads ranges, checks every checksum, hands out slices of what was read. Stateless. */
public final class EntryReader {

    private static final Logger LOG = LoggerFactory.getLogger(EntryReader.class);

    private final ByteBufAllocator buffers;

    public EntryReader(ByteBufAllocator buffers) {
        this.buffers = buffers;
    }

    /** Reads on the calling thread. Whatever goes wrong is a result, and nothing that was read is kept then. */
    public ReadResult read(ReadPlan plan) {
        Reading reading = new Reading(plan);
        try {
            for (ReadPlan.Range range : plan.ranges()) {
                if (!reading.take(range)) {
                    break;
                }
            }
            return new ReadResult.Found(reading.headers, reading.payloads);
        } catch (OutOfMemoryError noBuffers) {
            // Of direct memory, which who reads less or later may find.
            reading.payloads.forEach(ByteBuf::release);
            LOG.debug("No memory to read segment {}", plan.segment(), noBuffers);
            return new ReadResult.Busy();
        } catch (IOException | RuntimeException damaged) {
            reading.payloads.forEach(ByteBuf::release);
            LOG.debug("Why segment {} cannot be read", plan.segment(), damaged);
            return new ReadResult.Damaged(damaged.getMessage() == null ? damaged.toString() : damaged.getMessage());
        }
    }

    /** The state of one read. */
    private final class Reading {
        private final ReadPlan plan;
        private final List<EntryHeader> headers = new ArrayList<>();
        private final List<ByteBuf> payloads = new ArrayList<>();
        private long entry;
        private long bytes;

        Reading(ReadPlan plan) {
            this.plan = plan;
            this.entry = plan.firstEntry();
        }

        /** Tells whether more is wanted. */
        boolean take(ReadPlan.Range range) throws IOException {
            ByteBuf buffer = buffers.directBuffer(range.bytes(), range.bytes());
            try {
                buffer.writerIndex(range.bytes());
                ByteBuffer bytesRead = buffer.nioBuffer(0, range.bytes());
                if (range.file().file().read(bytesRead, range.position()) < range.bytes()) {
                    throw damaged(range, 0, "the file ends");
                }
                bytesRead.clear();
                int at = 0;
                while (at < range.bytes()) {
                    if (!RecordFormat.isValid(bytesRead, at)) {
                        throw damaged(range, at, "no valid record");
                    }
                    EntryHeader header = RecordFormat.entry(bytesRead, at);
                    if (!header.segment().equals(plan.segment()) || header.entry() != entry) {
                        throw damaged(range, at, "found entry " + header.entry() + " of " + header.segment());
                    }
                    at += RecordFormat.HEADER_BYTES;
                    if (header.length() > range.bytes() - at) {
                        throw damaged(range, at, "the payload is cut off");
                    }
                    if (!takeEntry(range, buffer, at, header)) {
                        return false;
                    }
                    at += header.length();
                    entry++;
                }
                return true;
            } finally {
                buffer.release();
            }
        }

        private boolean takeEntry(ReadPlan.Range range, ByteBuf buffer, int at, EntryHeader header) throws IOException {
            if (header.entry() > plan.lastEntry()
                    || (!headers.isEmpty() && bytes + header.length() > plan.maxBytes())) {
                return false;
            }
            boolean below = plan.fromOffset() > 0 && header.endOffset() <= plan.fromOffset();
            if (header.entry() < plan.fromEntry() || below) {
                return true;
            }
            if (Crc32c.of(buffer, at, header.length()) != header.crc()) {
                throw damaged(range, at, "the payload does not match its CRC32C");
            }
            headers.add(header);
            payloads.add(buffer.retainedSlice(at, header.length()));
            bytes += header.length();
            return true;
        }

        private IOException damaged(ReadPlan.Range range, int at, String why) {
            return new IOException("segment " + plan.segment() + ", entry " + entry + ", journal file "
                    + range.file().name() + " at " + (range.position() + at) + ": " + why);
        }
    }
}
