package io.siltstone.ingest.partition;

/**
 * One batch of an idempotent producer, as it is remembered to recognise its repetition.
 *
 * @param firstSequence of its first record
 * @param lastSequence of its last record; below the first where the sequence wrapped
 * @param baseOffset that its first record got
 * @param maxTimestamp its greatest record timestamp, the append's where the topic says so; -1 where it has none
 */
record ProducedBatch(int firstSequence, int lastSequence, long baseOffset, long maxTimestamp) {}
