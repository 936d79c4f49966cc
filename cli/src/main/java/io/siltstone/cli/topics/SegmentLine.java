package io.siltstone.cli.topics;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where one segment of a topic lives, as an ingest node tells it.
 *
 * @param state {@code open}, {@code closed} (not yet trimmed from the storage nodes) or {@code tiered}
 * @param endOffset one more than the last offset
 * @param ensemble the storage disks that hold it, empty where it is in the bucket alone
 * @param hotBytes bytes of one copy on storage nodes
 * @param tieredBytes bytes of its object in the bucket
 * @param object the object's key, null where there is none
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record SegmentLine(
        int partition,
        long segment,
        String state,
        long baseOffset,
        long endOffset,
        List<String> ensemble,
        long hotBytes,
        long tieredBytes,
        @Nullable String object) {
    static final String OPEN = "open";

    public boolean open() {
        return state.equals(OPEN);
    }
}
