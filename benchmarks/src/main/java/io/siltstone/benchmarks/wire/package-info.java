/** JMH benchmarks of the wire format: what each entry and each frame costs apart from its bytes. */
@NullMarked
package io.siltstone.benchmarks.wire;

import org.jspecify.annotations.NullMarked;
