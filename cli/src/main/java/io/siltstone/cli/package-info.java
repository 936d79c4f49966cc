/**
 * The siltstone command: one class per command, each of which reads its options, calls what does the work and prints.
 * Exit codes: 0 done, 1 failed or a check found a fault, 2 wrong usage.
 */
@NullMarked
package io.siltstone.cli;

import org.jspecify.annotations.NullMarked;
