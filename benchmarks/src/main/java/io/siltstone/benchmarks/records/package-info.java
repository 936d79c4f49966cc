/** JMH benchmarks of what an ingest node does with produced batches, and the batches that benchmarks use. */
@NullMarked
package io.siltstone.benchmarks.records;

import org.jspecify.annotations.NullMarked;
