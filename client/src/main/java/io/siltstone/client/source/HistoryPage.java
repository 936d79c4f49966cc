package io.siltstone.client.source;

import java.util.List;

/**
 * Some of a partition's history in the bucket, in order.
 *
 * @param logStart the first offset that may be read
 * @param endOffset the offset after the last one in the bucket
 * @param more ranges follow after the last one here
 */
public record HistoryPage(long logStart, long endOffset, List<HistoryRange> ranges, boolean more) {

    public HistoryPage {
        ranges = List.copyOf(ranges);
    }
}
