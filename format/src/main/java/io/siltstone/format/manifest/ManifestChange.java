package io.siltstone.format.manifest;

import java.util.List;

/**
 * What a root changed against its predecessor.
 *
 * @param before what is gone: segment objects, or nodes for everything under them
 * @param after what came
 */
public record ManifestChange(Kind kind, List<Named> before, List<Named> after) {

    public ManifestChange {
        before = List.copyOf(before);
        after = List.copyOf(after);
    }

    /** Why. */
    public enum Kind {
        /** New records from the log. */
        ADD,
        /** Small objects became a larger one with the same batches. */
        MERGE,
        /** Records that later ones of the same key replace went. */
        COMPACT,
        /** Records were taken out on purpose. */
        ERASE,
        /** Records below the log start went, or only the log start moved. */
        DROP
    }

    /** A segment object or a node, with the offsets that it stood for. */
    public record Named(String key, String sha256, long baseOffset, long endOffset) {

        static Named of(ManifestRange range) {
            return new Named(range.key(), range.sha256(), range.baseOffset(), range.endOffset());
        }

        static Named of(NodeRef node) {
            return new Named(node.key(), node.sha256(), node.baseOffset(), node.endOffset());
        }
    }
}
