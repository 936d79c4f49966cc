package io.siltstone.format.manifest;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Manifest objects in memory; remembers what was read and how much each commit wrote. */
final class FakeBucket implements NodeLoader {

    final Map<String, ByteBuffer> objects = new HashMap<>();
    final List<String> reads = new ArrayList<>();

    @Override
    public CompletionStage<ByteBuffer> load(String key) {
        reads.add(key);
        ByteBuffer found = objects.get(key);
        return found == null
                ? CompletableFuture.failedFuture(new IllegalStateException("no object " + key))
                : CompletableFuture.completedFuture(found.duplicate());
    }

    ByteBuffer get(String key) {
        return Objects.requireNonNull(objects.get(key)).duplicate();
    }

    /** Returns the bytes put. */
    long put(ManifestCommit commit) {
        long bytes = 0;
        List<ManifestObject> all = new ArrayList<>(commit.nodes());
        all.add(commit.rootObject());
        for (ManifestObject object : all) {
            if (objects.putIfAbsent(object.key(), object.bytes()) != null) {
                throw new IllegalStateException(object.key() + " is there already");
            }
            bytes += object.bytes().remaining();
        }
        return bytes;
    }
}
