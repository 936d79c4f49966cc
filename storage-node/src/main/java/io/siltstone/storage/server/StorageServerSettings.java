package io.siltstone.storage.server;

import io.siltstone.log.DiskId;

/**
 * What a storage server needs to know.
 *
 * @param node name of the node
 * @param clusterId that connections must name
 * @param disk that connections must name
 * @param host to listen at
 * @param port to listen at; 0 for a free one
 * @param maxInFlightBytes of requests that are held, in all; from half of it on sockets are not read
 * @param maxConnectionBytes of requests that are held, per connection; from half of it on its socket is not read
 * @param maxReadingBytes of answers to reads that are under way, in all
 * @param maxReadBytes of one answer to a read
 * @param readThreads that read the journal
 */
public record StorageServerSettings(
        String node,
        String clusterId,
        DiskId disk,
        String host,
        int port,
        long maxInFlightBytes,
        long maxConnectionBytes,
        long maxReadingBytes,
        int maxReadBytes,
        int readThreads) {}
