package io.siltstone.ingest;

import io.siltstone.ingest.partition.StorageDisks;
import io.siltstone.metadata.ClusterImage;
import io.siltstone.metadata.ClusterView;
import io.siltstone.metadata.StorageDiskImage;
import org.jspecify.annotations.Nullable;

/** How many disks there are, counted once per image, since every append asks. Confined to one event loop. */
final class DiskCounts implements StorageDisks {

    private final ClusterView view;
    private @Nullable ClusterImage counted;
    private int writable;
    private int live;

    DiskCounts(ClusterView view) {
        this.view = view;
    }

    @Override
    public int writable() {
        count();
        return writable;
    }

    @Override
    public int live() {
        count();
        return live;
    }

    @SuppressWarnings("ReferenceEquality") // Another image is another object.
    private void count() {
        ClusterImage image = view.image();
        if (image != counted) {
            counted = image;
            writable = 0;
            live = 0;
            for (StorageDiskImage disk : image.storageDisks().values()) {
                if (disk.live()) {
                    live++;
                    writable += disk.writable() ? 1 : 0;
                }
            }
        }
    }
}
