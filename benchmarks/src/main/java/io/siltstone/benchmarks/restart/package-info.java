/**
 * How long a storage node that was killed takes until it serves again, and what its index takes. Run it with {@link
 * io.siltstone.benchmarks.restart.Restart}.
 */
@NullMarked
package io.siltstone.benchmarks.restart;

import org.jspecify.annotations.NullMarked;
