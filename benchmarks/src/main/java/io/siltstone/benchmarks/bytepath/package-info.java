/**
 * What a byte costs from an owner to three storage nodes: real processes, no Kafka codec. Run it with
 * {@link io.siltstone.benchmarks.bytepath.BytePath}.
 */
@NullMarked
package io.siltstone.benchmarks.bytepath;

import org.jspecify.annotations.NullMarked;
