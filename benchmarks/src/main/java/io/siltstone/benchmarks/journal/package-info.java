/** JMH benchmarks of a storage node's append path without its disk and its network. */
@NullMarked
package io.siltstone.benchmarks.journal;

import org.jspecify.annotations.NullMarked;
