/**
 * The deterministic simulation: the log's and the storage node's own classes on simulated time, network, disks and
 * metadata store, with faults drawn from a seed and every rule checked as the world changes. The same seed gives the
 * same trace. May use everything of ours.
 */
@NullMarked
package io.siltstone.testkit.simulation;

import org.jspecify.annotations.NullMarked;
