package io.siltstone.tiering.store;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.siltstone.tiering.store.ObjectStoreException.Kind;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import software.amazon.awssdk.core.async.AsyncResponseTransformer;
import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/** Gathers the body of a ranged get in one pooled buffer of the range's size. The SDK calls it anew for each attempt. */
final class RangeReceiver implements AsyncResponseTransformer<GetObjectResponse, ByteBuf> {

    private final String key;
    private final int length;
    private volatile Attempt attempt;

    RangeReceiver(String key, int length) {
        this.key = key;
        this.length = length;
        this.attempt = new Attempt();
    }

    @Override
    public CompletableFuture<ByteBuf> prepare() {
        attempt = new Attempt();
        return attempt.result;
    }

    @Override
    public void onResponse(GetObjectResponse response) {}

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
        private boolean over;

        @Override
        public void onSubscribe(Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(ByteBuffer chunk) {
            synchronized (this) {
                if (over) {
                    return;
                }
                if (bytes == null) {
                    bytes = PooledByteBufAllocator.DEFAULT.directBuffer(length, length);
                }
                if (chunk.remaining() <= bytes.writableBytes()) {
                    bytes.writeBytes(chunk);
                    return;
                }
            }
            onError(new ObjectStoreException(Kind.REFUSED, key, "the store sent more than " + length + " bytes", null));
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
            ByteBuf whole;
            synchronized (this) {
                if (over) {
                    return;
                }
                whole = bytes;
                if (whole != null && whole.writableBytes() == 0) {
                    over = true;
                }
            }
            if (whole == null || whole.writableBytes() > 0) {
                onError(new ObjectStoreException(
                        Kind.TRUNCATED,
                        key,
                        "sent " + (whole == null ? 0 : whole.writerIndex()) + " of " + length + " bytes",
                        null));
            } else if (!result.complete(whole)) {
                whole.release();
            }
        }
    }
}
