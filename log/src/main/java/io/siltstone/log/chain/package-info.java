/**
 * The chain of a partition's segments as its znode tells it: immutable values, their transitions, their bytes, and the
 * port through which they are compared and set. No I/O.
 */
@NullMarked
package io.siltstone.log.chain;

import org.jspecify.annotations.NullMarked;
