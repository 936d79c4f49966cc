package io.siltstone.format.manifest;

import java.util.List;

/**
 * One node of the manifest as the node above names it, with the sums of everything under it.
 *
 * @param key in the bucket, in full
 * @param sha256 of the node object in lower-case hexadecimal
 * @param length bytes of the node object
 * @param level 0 for a leaf, which holds ranges
 * @param bytes of all segment objects under it
 * @param ranges how many segment objects are under it
 * @param leastAbortedOffset least first offset of an aborted transaction whose marker lies under it; -1 for none
 */
public record NodeRef(
        String key,
        String sha256,
        int length,
        int level,
        long baseOffset,
        long endOffset,
        long leastTimestamp,
        long greatestTimestamp,
        int leastEpoch,
        int greatestEpoch,
        long bytes,
        long ranges,
        long leastAbortedOffset) {

    public NodeRef {
        if (key.isEmpty() || sha256.length() != 64 || level < 0 || endOffset <= baseOffset || ranges < 1) {
            throw new IllegalArgumentException("node '" + key + "' of level " + level + " with offsets " + baseOffset
                    + " to " + endOffset + ", " + ranges + " ranges");
        }
    }

    static NodeRef of(ManifestNode node, String key, String sha256, int length) {
        return node instanceof ManifestNode.Leaf leaf
                ? ofLeaf(leaf.ranges(), key, sha256, length)
                : ofInner((ManifestNode.Inner) node, key, sha256, length);
    }

    private static NodeRef ofLeaf(List<ManifestRange> ranges, String key, String sha256, int length) {
        return new NodeRef(
                key,
                sha256,
                length,
                0,
                ranges.get(0).baseOffset(),
                ranges.get(ranges.size() - 1).endOffset(),
                ranges.stream().mapToLong(ManifestRange::leastTimestamp).min().orElseThrow(),
                ranges.stream()
                        .mapToLong(ManifestRange::greatestTimestamp)
                        .max()
                        .orElseThrow(),
                ranges.stream().mapToInt(ManifestRange::leastEpoch).min().orElseThrow(),
                ranges.stream().mapToInt(ManifestRange::greatestEpoch).max().orElseThrow(),
                ranges.stream().mapToLong(ManifestRange::bytes).sum(),
                ranges.size(),
                ranges.stream()
                        .mapToLong(ManifestRange::leastAbortedOffset)
                        .filter(offset -> offset >= 0)
                        .min()
                        .orElse(-1));
    }

    private static NodeRef ofInner(ManifestNode.Inner inner, String key, String sha256, int length) {
        List<NodeRef> children = inner.children();
        return new NodeRef(
                key,
                sha256,
                length,
                inner.level(),
                children.get(0).baseOffset(),
                children.get(children.size() - 1).endOffset(),
                children.stream().mapToLong(NodeRef::leastTimestamp).min().orElseThrow(),
                children.stream().mapToLong(NodeRef::greatestTimestamp).max().orElseThrow(),
                children.stream().mapToInt(NodeRef::leastEpoch).min().orElseThrow(),
                children.stream().mapToInt(NodeRef::greatestEpoch).max().orElseThrow(),
                children.stream().mapToLong(NodeRef::bytes).sum(),
                children.stream().mapToLong(NodeRef::ranges).sum(),
                children.stream()
                        .mapToLong(NodeRef::leastAbortedOffset)
                        .filter(offset -> offset >= 0)
                        .min()
                        .orElse(-1));
    }
}
