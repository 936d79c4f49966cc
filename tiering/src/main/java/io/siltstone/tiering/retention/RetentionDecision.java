package io.siltstone.tiering.retention;

import java.util.List;

/** Which of a partition's oldest records its topic's retention lets go. Pure. */
public final class RetentionDecision {

    /**
     * A run of records that goes as a whole: an object of the bucket, or a closed segment that it lacks.
     *
     * @param bytes 0 where they are not known, as of a segment that is not uploaded
     * @param greatestTimestamp milliseconds; negative where there is none
     */
    public record Part(long endOffset, long bytes, long greatestTimestamp) {}

    private RetentionDecision() {}

    /**
     * The log start that the policy asks for. What is not uploaded goes by age only, since only that is the topic's own
     * word on it, and its size is not known.
     *
     * @param logStart as it is; the answer is never below it
     * @param totalBytes of everything from the log start on
     * @param oldestFirst parts from the log start on; it need not be all
     */
    public static long newLogStart(
            RetentionPolicy policy, long logStart, long totalBytes, long nowMs, List<Part> oldestFirst) {
        long start = logStart;
        long left = totalBytes;
        for (Part part : oldestFirst) {
            boolean expired = policy.retentionMs() >= 0
                    && part.greatestTimestamp() >= 0
                    && nowMs - part.greatestTimestamp() > policy.retentionMs();
            boolean surplus =
                    policy.retentionBytes() >= 0 && part.bytes() > 0 && left - part.bytes() >= policy.retentionBytes();
            if (!expired && !surplus) {
                break;
            }
            start = Math.max(start, part.endOffset());
            left -= part.bytes();
        }
        return start;
    }
}
