package io.siltstone.ingest;

import io.siltstone.metadata.ClusterImage;
import io.siltstone.metadata.ClusterView;
import io.siltstone.metadata.StorageDiskImage;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** How many disks take appends, counted once per image, since every append asks. Confined to one event loop. */
final class WritableDisks implements IntSupplier {

    private final ClusterView view;
    private @Nullable ClusterImage counted;
    private int count;

    WritableDisks(ClusterView view) {
        this.view = view;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // Another image is another object.
    public int getAsInt() {
        ClusterImage image = view.image();
        if (image != counted) {
            counted = image;
            count = 0;
            for (StorageDiskImage disk : image.storageDisks().values()) {
                if (disk.live() && disk.writable()) {
                    count++;
                }
            }
        }
        return count;
    }
}
