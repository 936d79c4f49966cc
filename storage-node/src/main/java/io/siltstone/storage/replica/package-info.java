/**
 * The core of a storage node: what one disk holds and promises, as a single-threaded state machine. Requests and durable
 * groups go in, journal records and answers come out. No I/O, no thread, no clock: the simulation runs the same classes.
 */
@NullMarked
package io.siltstone.storage.replica;

import org.jspecify.annotations.NullMarked;
