/**
 * The cluster's metadata in the memory of one process: what the ports promise, without ZooKeeper. For tests of other
 * modules and for the simulation, which gives it its own executor, timers and randomness.
 */
@NullMarked
package io.siltstone.metadata.memory;

import org.jspecify.annotations.NullMarked;
