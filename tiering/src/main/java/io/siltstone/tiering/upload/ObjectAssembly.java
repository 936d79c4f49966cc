package io.siltstone.tiering.upload;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.siltstone.format.manifest.ManifestRange;
import io.siltstone.format.segment.FinishedObject;
import io.siltstone.format.segment.SegmentObjectWriter;
import io.siltstone.format.segment.SegmentSource;
import io.siltstone.format.segment.SegmentTrailer;
import io.siltstone.log.EntryHeader;
import io.siltstone.log.EntryKind;
import io.siltstone.log.chain.SegmentEnd;
import io.siltstone.log.writer.Replicas.Entry;
import io.siltstone.tiering.store.ContentDigest;
import io.siltstone.tiering.store.ObjectStore;
import io.siltstone.tiering.store.ObjectStoreException;
import io.siltstone.tiering.store.ObjectWriter;
import io.siltstone.tiering.store.PutResult;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One segment object in the making: checks the entries, drops the snapshots but the first, and streams the batches, as
 * they are, into an upload. Confined to one thread at a time, that of a tiering worker.
 *
 * <p>Nothing is told to be uploaded before the store has confirmed its checksum or the bytes were read back (rule 11).
 */
final class ObjectAssembly {

    /** The log puts its greatest timestamp and its offset before the partition's own state. */
    private static final int SNAPSHOT_PREFIX_BYTES = 16;

    private final String key;
    private final ObjectStore store;
    private final OpenTransactions transactions;
    private final SegmentSource source;
    private final SegmentObjectWriter writer;
    private final ObjectWriter.Upload upload;
    private final ContentDigest crc = ContentDigest.crc32c();
    private final ByteArrayOutputStream snapshot = new ByteArrayOutputStream();
    private @Nullable AbortedScanner aborted;
    private boolean begun;

    ObjectAssembly(String key, SegmentSource source, ObjectStore store, OpenTransactions transactions) {
        this.key = key;
        this.source = source;
        this.store = store;
        this.transactions = transactions;
        this.writer = new SegmentObjectWriter(source, SegmentObjectWriter.DEFAULT_BLOCK_BYTES);
        this.upload = store.upload(key);
    }

    /** Whether every payload matches the checksum that came with it. */
    static boolean areIntact(List<Entry> entries) {
        for (Entry entry : entries) {
            CRC32C crc = new CRC32C();
            for (ByteBuffer part : entry.payload().nioBuffers()) {
                crc.update(part);
            }
            if ((int) crc.getValue() != entry.header().crc()) {
                return false;
            }
        }
        return true;
    }

    /** Takes over intact entries in order. The stage completes when the next may come. */
    CompletionStage<Void> take(List<Entry> entries) {
        CompositeByteBuf out = Unpooled.compositeBuffer(Integer.MAX_VALUE);
        try {
            if (!begun) {
                begun = true;
                out.addComponent(true, Unpooled.wrappedBuffer(writer.begin()));
            }
            for (Entry entry : entries) {
                if (entry.header().kind() == EntryKind.SNAPSHOT) {
                    keepFirstSnapshot(entry);
                } else {
                    addBatches(entry.payload(), out);
                }
            }
        } catch (RuntimeException e) {
            out.release();
            throw e;
        } finally {
            EntryReader.release(entries);
        }
        if (!out.isReadable()) {
            out.release();
            return CompletableFuture.completedFuture(null);
        }
        crc.update(out);
        return upload.write(out);
    }

    /** The object goes on with the next segment. */
    void extendTo(long segment) {
        writer.extendTo(segment);
    }

    /** Completes the object and checks it in the store. Fails where it cannot be told to be there. */
    CompletionStage<ManifestRange> finish(SegmentEnd end, long greatestTimestampOffset) {
        AbortedScanner scanner = aborted;
        FinishedObject finished = writer.finish(new SegmentTrailer(
                end.endOffset(),
                greatestTimestampOffset,
                scanner == null ? List.of() : scanner.aborted(),
                partitionState()));
        ByteBuf tail = Unpooled.wrappedBuffer(finished.tail());
        crc.update(tail);
        byte[] expected = crc.value();
        return upload.write(tail)
                .thenCompose(written -> upload.complete(HexFormat.of().parseHex(finished.sha256())))
                .thenCompose(result -> checked(result, finished.bytes(), expected))
                .thenApply(there -> finished.toRange(key));
    }

    /** Gives the upload up. */
    void abort() {
        upload.abort();
    }

    private void addBatches(ByteBuf payload, CompositeByteBuf out) {
        ByteBuffer batches = contiguous(payload);
        AbortedScanner scanner = aborted;
        if (scanner == null) {
            scanner = new AbortedScanner(transactions.in(partitionState()));
            aborted = scanner;
        }
        scanner.scan(batches);
        ByteBuffer unused = writer.append(batches);
        out.addComponent(true, payload.retain());
    }

    /** A view where the payload lies in one piece, as it nearly always does; a copy otherwise. */
    private static ByteBuffer contiguous(ByteBuf payload) {
        if (payload.nioBufferCount() == 1) {
            return payload.nioBuffer();
        }
        ByteBuffer copy = ByteBuffer.allocateDirect(payload.readableBytes());
        payload.getBytes(payload.readerIndex(), copy);
        return copy.flip();
    }

    private void keepFirstSnapshot(Entry entry) {
        EntryHeader header = entry.header();
        if (aborted != null || header.entry() != header.chunk() || header.baseOffset() != source.baseOffset()) {
            return;
        }
        try {
            entry.payload().getBytes(entry.payload().readerIndex(), snapshot, header.length());
        } catch (IOException e) {
            throw new UncheckedIOException("a byte array cannot fail", e);
        }
    }

    private ByteBuffer partitionState() {
        byte[] whole = snapshot.toByteArray();
        int from = Math.min(SNAPSHOT_PREFIX_BYTES, whole.length);
        return ByteBuffer.wrap(whole, from, whole.length - from).slice();
    }

    private CompletionStage<Void> checked(PutResult result, long length, byte[] expected) {
        if (result instanceof PutResult.Created created && created.checked()) {
            return CompletableFuture.completedFuture(null);
        }
        if (result instanceof PutResult.AlreadyThere) {
            throw new ObjectStoreException(
                    ObjectStoreException.Kind.UNAVAILABLE,
                    key,
                    "a fresh key holds other bytes; another is tried",
                    null);
        }
        String doubt = result instanceof PutResult.Unknown unknown ? unknown.why() : "no checksum came back";
        return store.stat(key).thenCompose(found -> {
            if (found.isEmpty() || found.get().bytes() != length) {
                throw notProven("it is not there as written", doubt);
            }
            return ContentDigest.crc32c().read(store, key, length).thenAccept(actual -> {
                if (!Arrays.equals(actual, expected)) {
                    throw notProven("its bytes, read back, differ from what was written", doubt);
                }
            });
        });
    }

    private ObjectStoreException notProven(String what, String doubt) {
        return new ObjectStoreException(
                ObjectStoreException.Kind.UNAVAILABLE, key, what + " (the put: " + doubt + ")", null);
    }
}
