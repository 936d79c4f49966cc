package io.siltstone.client;

import static io.siltstone.format.CorruptObjectException.NO_BLOCK;

import io.siltstone.client.source.HistoryException;
import io.siltstone.client.source.HistoryException.Kind;
import io.siltstone.client.source.ObjectReader;
import io.siltstone.format.BatchHeader;
import io.siltstone.format.CorruptObjectException;
import io.siltstone.format.PartitionKeys;
import io.siltstone.format.Sha256;
import io.siltstone.format.manifest.ManifestRange;
import io.siltstone.format.segment.BlockEntry;
import io.siltstone.format.segment.Section;
import io.siltstone.format.segment.SegmentIndex;
import io.siltstone.format.segment.SegmentObjectFormat;
import io.siltstone.format.segment.SegmentObjectReader;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Reads every byte of one segment object, one block ahead, and checks all that can be checked. */
final class ObjectCheck {

    private final ObjectReader objects;
    private final PartitionKeys keys;

    ObjectCheck(ObjectReader objects, PartitionKeys keys) {
        this.objects = objects;
        this.keys = keys;
    }

    /** Throws {@link CorruptObjectException} at the first fault. */
    VerifyReport check(ManifestRange range) {
        int tailLength = Math.toIntExact(range.bytes() - range.indexPosition());
        ByteBuffer tail = read(range, NO_BLOCK, range.baseOffset(), range.indexPosition(), tailLength);
        SegmentObjectReader object = SegmentObjectReader.open(range, tail);
        checkOwner(range, object.index());
        Sha256 sha256 = new Sha256();
        ByteBuffer header = read(range, NO_BLOCK, range.baseOffset(), 0, SegmentObjectFormat.HEADER_BYTES);
        object.checkHeader(header);
        sha256.update(header);
        long batches = blocks(range, object, sha256);
        Section snapshot = object.index().producerSnapshot();
        if (snapshot != null) {
            ByteBuffer bytes = read(range, NO_BLOCK, range.baseOffset(), snapshot.position(), snapshot.length());
            object.verify(snapshot, bytes);
            sha256.update(bytes);
        }
        String found = sha256.update(tail).hex();
        if (!found.equals(range.sha256())) {
            throw corrupt(range, "its SHA-256 is " + found + ", the manifest says " + range.sha256());
        }
        return new VerifyReport(0, 0, 1, range.bytes(), batches, range.endOffset() - range.baseOffset());
    }

    private long blocks(ManifestRange range, SegmentObjectReader object, Sha256 sha256) {
        Iterator<BlockEntry> blocks = object.index().blocks().iterator();
        long batches = 0;
        BlockEntry block = blocks.hasNext() ? blocks.next() : null;
        CompletableFuture<ByteBuffer> reading = ask(range, block);
        while (block != null && reading != null) {
            ByteBuffer bytes = arrived(range, block.number(), block.baseOffset(), reading);
            BlockEntry following = blocks.hasNext() ? blocks.next() : null;
            reading = ask(range, following);
            object.verifyBatches(block, bytes);
            batches += count(bytes);
            sha256.update(bytes);
            block = following;
        }
        return batches;
    }

    private static long count(ByteBuffer bytes) {
        long batches = 0;
        for (Iterator<BatchHeader> each = BatchHeader.in(bytes).iterator(); each.hasNext(); each.next()) {
            batches++;
        }
        return batches;
    }

    private void checkOwner(ManifestRange range, SegmentIndex index) {
        if (!index.topic().equals(keys.topic())
                || index.partition() != keys.partition()
                || !index.epochs().equals(range.epochs())) {
            throw corrupt(
                    range,
                    "it is of partition " + index.topic() + "/" + index.partition() + ", epochs " + index.epochs());
        }
    }

    private @Nullable CompletableFuture<ByteBuffer> ask(ManifestRange range, @Nullable BlockEntry block) {
        return block == null ? null : objects.read(range.key(), block.position(), block.length());
    }

    private ByteBuffer read(ManifestRange range, int block, long offset, long position, int length) {
        return arrived(range, block, offset, objects.read(range.key(), position, length));
    }

    private static ByteBuffer arrived(
            ManifestRange range, int block, long offset, CompletableFuture<ByteBuffer> reading) {
        try {
            return reading.join();
        } catch (RuntimeException e) {
            if (HistoryException.is(e, Kind.MISSING)) {
                throw new CorruptObjectException(range.key(), block, offset, "the object is missing or too short");
            }
            throw HistoryException.asRuntime(e);
        }
    }

    private static CorruptObjectException corrupt(ManifestRange range, String what) {
        return new CorruptObjectException(range.key(), NO_BLOCK, range.baseOffset(), what);
    }
}
