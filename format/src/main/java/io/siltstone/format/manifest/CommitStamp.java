package io.siltstone.format.manifest;

/**
 * Who writes a root, and when.
 *
 * @param epoch the partition owner's
 * @param sequence greater than that of every root which this owner knows of or has tried to write
 * @param unique differs between any two commits that were ever tried, in letters and digits
 * @param atMs wall clock in milliseconds
 */
public record CommitStamp(int epoch, long sequence, String unique, long atMs) {}
