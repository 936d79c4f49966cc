/**
 * Where a segment's entries lie in the journal: compact, in memory, with views that a checkpoint writes. Knows addresses
 * and numbers, neither files nor payloads.
 */
@NullMarked
package io.siltstone.storage.index;

import org.jspecify.annotations.NullMarked;
