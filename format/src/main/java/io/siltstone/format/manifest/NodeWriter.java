package io.siltstone.format.manifest;

import io.siltstone.format.PartitionKeys;
import java.util.ArrayList;
import java.util.List;

/** Names and encodes the new nodes of one commit. */
final class NodeWriter {

    private final PartitionKeys keys;
    private final ManifestCodec codec;
    private final CommitStamp stamp;
    private final List<ManifestObject> written = new ArrayList<>();

    NodeWriter(PartitionKeys keys, ManifestCodec codec, CommitStamp stamp) {
        this.keys = keys;
        this.codec = codec;
        this.stamp = stamp;
    }

    NodeRef write(ManifestNode node) {
        String key = keys.node(stamp.epoch(), stamp.sequence(), stamp.unique(), written.size());
        ManifestObject object = codec.encode(key, node);
        written.add(object);
        return NodeRef.of(node, key, object.sha256(), object.bytes().remaining());
    }

    List<ManifestObject> written() {
        return written;
    }
}
