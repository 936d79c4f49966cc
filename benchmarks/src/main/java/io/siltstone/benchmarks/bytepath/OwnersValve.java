package io.siltstone.benchmarks.bytepath;

import io.siltstone.log.client.Backpressure;
import java.util.ArrayList;
import java.util.List;

/** Pauses the owners of one loop, as an ingest node pauses its clients. Confined to that loop. */
final class OwnersValve implements Backpressure.Valve {

    private final List<FakeOwner> owners = new ArrayList<>();
    private boolean open = true;

    void add(FakeOwner owner) {
        owners.add(owner);
    }

    boolean isOpen() {
        return open;
    }

    @Override
    public void close() {
        open = false;
    }

    @Override
    public void open() {
        open = true;
        owners.forEach(FakeOwner::fill);
    }
}
