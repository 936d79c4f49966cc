package io.siltstone.metadata;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the newest image and tells subscribers of each change, in order. Edits, the list of subscribers and their calls
 * are confined to one thread, that of the publisher's executor; only {@link #image} is read from elsewhere.
 */
public final class ImagePublisher implements ClusterView {

    private static final Logger LOG = LoggerFactory.getLogger(ImagePublisher.class);

    private final Executor publisher;
    private final List<Listener> listeners = new ArrayList<>();
    private volatile ClusterImage image;
    private boolean complete;

    /**
     * Starts with the image of an empty cluster.
     *
     * @param publisher runs one task at a time, in the order they came
     */
    public ImagePublisher(String clusterId, Executor publisher) {
        this.image = ClusterImage.empty(clusterId);
        this.publisher = publisher;
    }

    @Override
    public ClusterImage image() {
        return image;
    }

    @Override
    public Subscription subscribe(Listener listener) {
        publisher.execute(() -> {
            listeners.add(listener);
            if (complete) {
                tell(listener, ClusterChange.initial(image));
            }
        });
        return () -> publisher.execute(() -> listeners.remove(listener));
    }

    /** The image holds all there is: from now on subscribers are told. On the publisher's thread. */
    public void complete() {
        if (!complete) {
            complete = true;
            ClusterChange all = ClusterChange.initial(image);
            List.copyOf(listeners).forEach(listener -> tell(listener, all));
        }
    }

    /** Applies an edit and publishes what came of it, if anything. On the publisher's thread. */
    public void publish(Consumer<ImageEdit> edits) {
        ImageEdit edit = new ImageEdit(image);
        edits.accept(edit);
        ClusterChange change = edit.finish();
        if (change.isEmpty()) {
            return;
        }
        image = change.after();
        if (complete) {
            List.copyOf(listeners).forEach(listener -> tell(listener, change));
        }
    }

    private static void tell(Listener listener, ClusterChange change) {
        try {
            listener.changed(change);
        } catch (RuntimeException failure) {
            LOG.error("A subscriber to the cluster's image failed; the others go on", failure);
        }
    }
}
