package io.siltstone.client;

/**
 * What is left to replay of a partition.
 *
 * @param next the first offset
 * @param end the offset after the last one
 */
record Span(long next, long end) {

    Span {
        if (next < 0 || end < next) {
            throw new IllegalArgumentException("cannot replay from offset " + next + " to " + end);
        }
    }
}
