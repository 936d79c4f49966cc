package io.siltstone.tiering.store;

/**
 * An object as its store lists it.
 *
 * @param modifiedMs the store's clock when it was written, in milliseconds since the epoch
 */
public record ObjectInfo(String key, long bytes, long modifiedMs) {}
