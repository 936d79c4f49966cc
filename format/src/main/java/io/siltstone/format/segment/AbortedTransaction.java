package io.siltstone.format.segment;

/**
 * A transaction whose abort marker lies in the object that names it; its first record may lie in an earlier one.
 *
 * @param lastOffset offset of the abort marker
 */
public record AbortedTransaction(long producerId, long firstOffset, long lastOffset) {}
