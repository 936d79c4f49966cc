package io.siltstone.metadata;

/** Port: the newest image of the cluster, kept fresh by the metadata store's watches. */
public interface ClusterView {

    /** The newest image known here; it may lag behind the store, most of all while the store is away. */
    ClusterImage image();

    /**
     * Hears every later change, in order and without a gap; first of all {@link ClusterChange#initial}, where an image
     * is there already. Close what is returned to stop.
     *
     * @param listener called on the publisher's thread, one call at a time; it must return quickly and hand the work to
     *     its own event loop
     */
    Subscription subscribe(Listener listener);

    /** Who hears of changes. */
    interface Listener {
        void changed(ClusterChange change);
    }

    /** Ends a subscription: after {@link #close} at most one call that is already under way comes to its end. */
    interface Subscription extends AutoCloseable {
        @Override
        void close();
    }
}
