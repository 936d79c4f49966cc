/**
 * The storage node's threads and sockets: one event loop that owns the core, one journal thread, a few readers, one
 * thread for background work. What is decided is decided in {@code io.siltstone.storage.replica}.
 */
@NullMarked
package io.siltstone.storage.server;

import org.jspecify.annotations.NullMarked;
