package io.siltstone.tiering.store;

import io.netty.buffer.ByteBuf;
import io.siltstone.tiering.store.ObjectStoreException.Kind;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import software.amazon.awssdk.core.async.AsyncResponseTransformer;
import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/** Gathers the body of a get in one pooled buffer of the body's size. The SDK calls it anew for each attempt. */
final class RangeReceiver implements AsyncResponseTransformer<GetObjectResponse, ByteBuf> {

    private final String key;
    private final int maxBytes;
    private final boolean whole;
    private volatile Attempt attempt;

    private RangeReceiver(String key, int maxBytes, boolean whole) {
        this.key = key;
        this.maxBytes = maxBytes;
        this.whole = whole;
        this.attempt = new Attempt();
    }

    /** Of a range of exactly that many bytes. */
    static RangeReceiver ofRange(String key, int length) {
        return new RangeReceiver(key, length, false);
    }

    /** Of a whole object of at most that many bytes. */
    static RangeReceiver ofWhole(String key, int maxBytes) {
        return new RangeReceiver(key, maxBytes, true);
    }

    @Override
    public CompletableFuture<ByteBuf> prepare() {
        attempt = new Attempt();
        return attempt.result;
    }

    @Override
    public void onResponse(GetObjectResponse response) {
        if (whole) {
            attempt.expect(response.contentLength());
        }
    }

    @Override
    public void onStream(SdkPublisher<ByteBuffer> publisher) {
        publisher.subscribe(attempt);
    }

    @Override
    public void exceptionOccurred(Throwable failure) {
        attempt.onError(failure);
    }

    /** One attempt's buffer; its lock guards the buffer against an error that comes from another thread. */
    private final class Attempt implements Subscriber<ByteBuffer> {
        private final CompletableFuture<ByteBuf> result = new CompletableFuture<>();
        private @Nullable ByteBuf bytes;
        private long length = maxBytes;
        private boolean over;

        synchronized void expect(long contentLength) {
            length = contentLength;
        }

        @Override
        public void onSubscribe(Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(ByteBuffer chunk) {
            if (!take(chunk)) {
                onError(new ObjectStoreException(
                        Kind.REFUSED, key, "the store sends more than the " + maxBytes + " bytes expected", null));
            }
        }

        private synchronized boolean take(ByteBuffer chunk) {
            if (over) {
                return true;
            }
            if (length > maxBytes) {
                return false;
            }
            if (bytes == null) {
                bytes = ObjectBuffers.allocate((int) length);
            }
            if (chunk.remaining() > bytes.writableBytes()) {
                return false;
            }
            bytes.writeBytes(chunk);
            return true;
        }

        @Override
        public void onError(Throwable failure) {
            synchronized (this) {
                if (over) {
                    return;
                }
                over = true;
                if (bytes != null) {
                    bytes.release();
                }
            }
            result.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            ByteBuf complete;
            synchronized (this) {
                if (over) {
                    return;
                }
                complete = bytes;
                over = complete != null && complete.writableBytes() == 0;
            }
            if (complete == null || complete.writableBytes() > 0) {
                onError(new ObjectStoreException(
                        Kind.TRUNCATED,
                        key,
                        "the store sent " + (complete == null ? 0 : complete.writerIndex()) + " of " + length
                                + " bytes",
                        null));
            } else if (!result.complete(complete)) {
                complete.release();
            }
        }
    }
}
