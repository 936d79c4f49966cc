package io.siltstone.client;

/**
 * How far a replay is.
 *
 * @param records given out so far
 * @param bytes of their keys and values
 * @param fetchedBytes read from the bucket so far
 * @param doneOffsets offsets passed over, of all partitions
 * @param totalOffsets offsets from start to end, of all partitions; what follows live does not count
 */
public record ReplayProgress(long records, long bytes, long fetchedBytes, long doneOffsets, long totalOffsets) {}
