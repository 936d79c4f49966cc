package io.siltstone.storage.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.siltstone.log.DiskId;
import io.siltstone.log.SegmentId;
import io.siltstone.log.writer.Replicas;
import io.siltstone.log.writer.Replicas.Refusal;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** How far a segment came until its last entry was acknowledged, or it was refused, or the server was gone. */
final class Acknowledged implements Replicas.AppendListener {

    final CompletableFuture<Long> last = new CompletableFuture<>();
    final CompletableFuture<Refusal> refused = new CompletableFuture<>();
    private final long wanted;

    private Acknowledged(long wanted) {
        this.wanted = wanted;
    }

    /** Appends entries 0 to the last and does not wait. */
    static Acknowledged append(TestClient client, SegmentId segment, long last) {
        Acknowledged acknowledged = new Acknowledged(last);
        client.listen(segment, acknowledged);
        client.append(segment, 0, last);
        return acknowledged;
    }

    /** Waits until all are acknowledged. */
    void awaitAll() {
        assertThat(last.orTimeout(30, TimeUnit.SECONDS).join()).isEqualTo(wanted);
    }

    /** Waits until the server refuses to take more. */
    Refusal awaitRefusal() {
        return refused.orTimeout(30, TimeUnit.SECONDS).join();
    }

    @Override
    public void acknowledged(DiskId disk, long lastEntry) {
        if (lastEntry >= wanted) {
            last.complete(lastEntry);
        }
    }

    @Override
    public void refused(DiskId disk, Refusal why) {
        refused.complete(why);
    }

    @Override
    public void linkLost(DiskId disk, String why) {
        last.completeExceptionally(new IOException(why));
    }
}
