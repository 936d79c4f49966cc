package io.siltstone.tiering.retention;

import java.util.List;

/**
 * What a collector's pass came to.
 *
 * @param listed objects looked at
 * @param orphans objects that nothing refers to, whether or not their grace is over
 * @param deletable those whose grace is over
 * @param deleted how many of them went; none in a dry run, or where the brake held
 * @param braked there were too many orphans for this to be right; nothing was deleted
 */
public record CollectionReport(long listed, long orphans, List<String> deletable, long deleted, boolean braked) {

    public CollectionReport {
        deletable = List.copyOf(deletable);
    }
}
