package io.siltstone.client;

import static io.siltstone.format.CorruptObjectException.NO_BLOCK;
import static io.siltstone.format.CorruptObjectException.NO_OFFSET;

import io.siltstone.client.source.HistoryException;
import io.siltstone.client.source.HistoryException.Kind;
import io.siltstone.client.source.ObjectReader;
import io.siltstone.format.CorruptObjectException;
import io.siltstone.format.manifest.NodeLoader;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletionStage;

/** Loads manifest nodes; a missing one is damage. */
final class CheckedNodes implements NodeLoader {

    private final ObjectReader objects;

    CheckedNodes(ObjectReader objects) {
        this.objects = objects;
    }

    @Override
    public CompletionStage<ByteBuffer> load(String key) {
        return objects.readAll(key).handle((bytes, failure) -> {
            if (HistoryException.is(failure, Kind.MISSING)) {
                throw new CorruptObjectException(key, NO_BLOCK, NO_OFFSET, "the manifest node is missing");
            }
            if (failure != null) {
                throw HistoryException.asRuntime(failure);
            }
            return bytes;
        });
    }
}
