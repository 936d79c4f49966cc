package io.siltstone.ingest.quota;

import io.siltstone.metadata.ClusterImage;
import io.siltstone.metadata.ClusterView;
import java.util.function.DoubleSupplier;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** The pace that the newest image of the cluster asks for. Confined to the quota's event loop. */
final class DiskPressure implements Supplier<ProduceQuota.Reading> {

    private final ClusterView view;
    private final IntSupplier copies;
    private final DoubleSupplier tieredBytes;
    private final LongSupplier clockMs;
    private final DrainRate drain = new DrainRate();

    /**
     * A pressure that is read again and again.
     *
     * @param copies the ack quorum of topics that do not say otherwise
     * @param tieredBytes what the bucket has taken from this node, ever
     * @param clockMs monotonic
     */
    DiskPressure(ClusterView view, IntSupplier copies, DoubleSupplier tieredBytes, LongSupplier clockMs) {
        this.view = view;
        this.copies = copies;
        this.tieredBytes = tieredBytes;
        this.clockMs = clockMs;
    }

    @Override
    public ProduceQuota.Reading get() {
        ClusterImage image = view.image();
        double drained = drain.observe(tieredBytes.getAsDouble(), clockMs.getAsLong());
        RecordRoom room = RecordRoom.of(image, copies.getAsInt());
        ProducePace pace =
                ProducePace.of(room, drained, Math.max(1, image.ingestNodes().size()));
        return new ProduceQuota.Reading(pace, room, drained);
    }
}
