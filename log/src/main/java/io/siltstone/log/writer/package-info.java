/**
 * The owner's side of a partition's log: quorum writer, roll and recovery as single-threaded state machines, and the
 * ports through which they act. No I/O, no thread, no clock of its own; the simulation runs the same classes.
 */
@NullMarked
package io.siltstone.log.writer;

import org.jspecify.annotations.NullMarked;
