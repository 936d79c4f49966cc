package io.siltstone.tiering.store;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.async.AsyncRequestBody;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.ChecksumType;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/**
 * An object on its way to S3: held back up to the limit of one put; past it sent in parts, one at a time, under a CRC32C
 * over the whole object. Confined to one thread at a time.
 */
final class S3Upload implements ObjectWriter.Upload {

    private static final Logger log = LoggerFactory.getLogger(S3Upload.class);

    private final S3ObjectStore store;
    private final S3Settings settings;
    private final String key;
    private final Queue<ByteBuf> held = new ArrayDeque<>();
    private final List<CompletedPart> parts = new ArrayList<>();
    private final ContentDigest crc = ContentDigest.crc32c();
    private long heldBytes;
    private long totalBytes;
    private @Nullable String uploadId;
    private boolean over;

    S3Upload(S3ObjectStore store, String key) {
        this.store = store;
        this.settings = store.settings();
        this.key = key;
    }

    @Override
    public CompletableFuture<Void> write(ByteBuf bytes) {
        if (over) {
            bytes.release();
            return CompletableFuture.failedFuture(new IllegalStateException("the upload of " + key + " is over"));
        }
        crc.update(bytes);
        held.add(bytes);
        heldBytes += bytes.readableBytes();
        totalBytes += bytes.readableBytes();
        if (uploadId == null && totalBytes <= settings.singlePutMaxBytes()) {
            return CompletableFuture.completedFuture(null);
        }
        return begin().thenCompose(id -> sendParts(id, settings.partBytes()));
    }

    @Override
    public CompletableFuture<PutResult> complete(byte[] sha256) {
        over = true;
        String id = uploadId;
        CompletableFuture<PutResult> result = id == null
                ? store.put(key, List.copyOf(held), sha256)
                : sendParts(id, 1).thenCompose(done -> completeParts(id, sha256));
        return result.whenComplete((outcome, failure) -> {
            release();
            boolean stillThere = failure != null || outcome instanceof PutResult.AlreadyThere;
            if (id != null && stillThere) {
                abortParts(id);
            }
        });
    }

    @Override
    public void abort() {
        over = true;
        release();
        if (uploadId != null) {
            abortParts(uploadId);
        }
    }

    private CompletableFuture<String> begin() {
        if (uploadId != null) {
            return CompletableFuture.completedFuture(uploadId);
        }
        return store.client()
                .createMultipartUpload(request -> request.bucket(settings.bucket())
                        .key(key)
                        .checksumAlgorithm(ChecksumAlgorithm.CRC32_C)
                        .checksumType(ChecksumType.FULL_OBJECT))
                .handle((response, failure) -> {
                    if (failure != null) {
                        throw S3Failures.translate(failure, key);
                    }
                    uploadId = response.uploadId();
                    return response.uploadId();
                });
    }

    /** Sends parts while at least {@code least} bytes are held. */
    private CompletableFuture<Void> sendParts(String id, int least) {
        if (heldBytes < least) {
            return CompletableFuture.completedFuture(null);
        }
        ByteBuf part = cutPart();
        ContentDigest partCrc = ContentDigest.crc32c();
        partCrc.update(part);
        String checksum = Base64.getEncoder().encodeToString(partCrc.value());
        int number = parts.size() + 1;
        return store.client()
                .uploadPart(
                        request -> request.bucket(settings.bucket())
                                .key(key)
                                .uploadId(id)
                                .partNumber(number)
                                .contentLength((long) part.readableBytes())
                                .checksumCRC32C(checksum)
                                .overrideConfiguration(store.large()),
                        AsyncRequestBody.fromByteBuffersUnsafe(part.nioBuffers()))
                .handle((response, failure) -> {
                    part.release();
                    if (failure != null) {
                        throw S3Failures.translate(failure, key);
                    }
                    parts.add(CompletedPart.builder()
                            .partNumber(number)
                            .eTag(response.eTag())
                            .checksumCRC32C(checksum)
                            .build());
                    return parts;
                })
                .thenCompose(done -> sendParts(id, least));
    }

    private CompletableFuture<PutResult> completeParts(String id, byte[] sha256) {
        String checksum = Base64.getEncoder().encodeToString(crc.value());
        return store.client()
                .completeMultipartUpload(request -> request.bucket(settings.bucket())
                        .key(key)
                        .uploadId(id)
                        .ifNoneMatch("*")
                        .checksumCRC32C(checksum)
                        .checksumType(ChecksumType.FULL_OBJECT)
                        .multipartUpload(upload -> upload.parts(parts))
                        .overrideConfiguration(store.large()))
                .<PutResult>thenApply(response -> new PutResult.Created(checksum.equals(response.checksumCRC32C())))
                .exceptionallyCompose(
                        failure -> store.settle(key, totalBytes, null, ContentDigest.sha256(), sha256, failure));
    }

    /** Takes up to a part's bytes from what is held, without copying. */
    private ByteBuf cutPart() {
        CompositeByteBuf part = PooledByteBufAllocator.DEFAULT.compositeBuffer(Integer.MAX_VALUE);
        while (part.readableBytes() < settings.partBytes() && !held.isEmpty()) {
            ByteBuf next = held.element();
            int wanted = settings.partBytes() - part.readableBytes();
            if (next.readableBytes() <= wanted) {
                part.addComponent(true, held.remove());
            } else {
                part.addComponent(true, next.readRetainedSlice(wanted));
            }
        }
        heldBytes -= part.readableBytes();
        return part;
    }

    private void release() {
        held.forEach(ByteBuf::release);
        held.clear();
        heldBytes = 0;
    }

    private void abortParts(String id) {
        var unused = store.client()
                .abortMultipartUpload(
                        request -> request.bucket(settings.bucket()).key(key).uploadId(id))
                .exceptionally(failure -> {
                    log.warn(
                            "upload {} of {} could not be aborted; its parts stay until the bucket's life cycle"
                                    + " removes them: {}",
                            id,
                            key,
                            S3Failures.unwrap(failure).getMessage());
                    return null;
                });
    }
}
