/**
 * The replicated log: what partitions, segments, disks and entries are called and what an entry's header says. Values
 * only; the state machines are in the packages below. May use {@code io.siltstone.format}.
 */
@NullMarked
package io.siltstone.log;

import org.jspecify.annotations.NullMarked;
