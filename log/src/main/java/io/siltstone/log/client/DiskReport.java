package io.siltstone.log.client;

import io.siltstone.log.DiskId;

/**
 * How full a disk is.
 *
 * @param liveBytes of entries that are still needed
 * @param usedBytes of journal files
 * @param limitBytes at which it refuses appends
 * @param segments that it holds
 */
public record DiskReport(DiskId disk, long liveBytes, long usedBytes, long limitBytes, long segments) {}
