package io.siltstone.tiering.retention;

/**
 * When the garbage collector may delete.
 *
 * @param graceMs how long an object must have been seen unreferenced, on the collector's monotonic clock
 * @param longestLinkMs the longest life of any signed URL; the grace must be longer
 * @param dryRun only tell what would be deleted
 */
public record CollectionSettings(long graceMs, long longestLinkMs, boolean dryRun) {

    public CollectionSettings {
        if (graceMs <= longestLinkMs || longestLinkMs < 0) {
            throw new IllegalArgumentException("objects are deleted after " + graceMs
                    + " ms, but links to them live up to " + longestLinkMs + " ms: the grace must be longer");
        }
    }
}
