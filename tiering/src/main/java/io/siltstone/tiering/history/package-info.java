/**
 * Reads of what lies in the bucket, for fetches of old offsets: manifest lookups, checked chunks in a cache of bounded
 * size, read-ahead. May use the store and the format.
 */
@NullMarked
package io.siltstone.tiering.history;

import org.jspecify.annotations.NullMarked;
