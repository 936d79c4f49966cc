package io.siltstone.tiering.history;

/**
 * Where an epoch ended.
 *
 * @param epoch the greatest one with records that is not above the one asked for; -1 where there is none
 * @param endOffset the offset after its last record
 */
public record EpochEnd(int epoch, long endOffset) {}
