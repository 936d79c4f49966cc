package io.siltstone.format.segment;

/** A checksummed part of a segment object that is not record batches. */
public record Section(long position, int length, int crc32c) {}
