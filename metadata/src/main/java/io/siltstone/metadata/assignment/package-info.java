/**
 * Which ingest node owns which partition: the pure assignment and the controller that carries it out through the
 * partitions' registers. No I/O, no thread, no clock of its own.
 */
@NullMarked
package io.siltstone.metadata.assignment;

import org.jspecify.annotations.NullMarked;
