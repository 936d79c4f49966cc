package io.siltstone.client.source;

/**
 * The offsets of a partition that can be read now.
 *
 * @param start the first one
 * @param end the offset after the last one
 */
public record OffsetBounds(long start, long end) {}
