/** JMH benchmarks of segment objects: built for the bucket, and read back, without a bucket. */
@NullMarked
package io.siltstone.benchmarks.bucket;

import org.jspecify.annotations.NullMarked;
