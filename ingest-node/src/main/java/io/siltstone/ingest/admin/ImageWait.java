package io.siltstone.ingest.admin;

import io.siltstone.metadata.ClusterImage;
import io.siltstone.metadata.ClusterView;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** Waits until the cluster's image, as this node knows it, shows something. */
final class ImageWait {

    private ImageWait() {}

    /** Completes with true once the image meets the condition; with false after the time. Never fails. */
    static CompletableFuture<Boolean> until(ClusterView view, Predicate<ClusterImage> condition, long timeoutMs) {
        if (condition.test(view.image())) {
            return CompletableFuture.completedFuture(true);
        }
        CompletableFuture<Boolean> met = new CompletableFuture<>();
        ClusterView.Subscription subscription = view.subscribe(change -> {
            if (!met.isDone() && condition.test(change.after())) {
                met.completeAsync(() -> true);
            }
        });
        return met.completeOnTimeout(false, timeoutMs, TimeUnit.MILLISECONDS)
                .whenComplete((shown, failure) -> subscription.close());
    }
}
