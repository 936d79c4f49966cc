package io.siltstone.format.manifest;

import java.util.List;

/** An immutable node of the manifest's tree; its entries' offsets ascend. */
public sealed interface ManifestNode {

    /** 0 for a leaf. */
    int level();

    /** Names segment objects. */
    record Leaf(List<ManifestRange> ranges) implements ManifestNode {

        public Leaf {
            ranges = List.copyOf(ranges);
            if (ranges.isEmpty()) {
                throw new IllegalArgumentException("a leaf names at least one object");
            }
        }

        @Override
        public int level() {
            return 0;
        }
    }

    /** Names nodes of the level below. */
    record Inner(int level, List<NodeRef> children) implements ManifestNode {

        public Inner {
            children = List.copyOf(children);
            if (children.isEmpty() || children.stream().anyMatch(child -> child.level() != level - 1)) {
                throw new IllegalArgumentException("a node of level " + level + " cannot name " + children);
            }
        }
    }
}
