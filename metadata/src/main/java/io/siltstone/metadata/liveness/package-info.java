/**
 * Noticing that a process is gone faster than its session ends: the pure decision and the thread that keeps a TCP
 * connection to every peer.
 */
@NullMarked
package io.siltstone.metadata.liveness;

import org.jspecify.annotations.NullMarked;
