/**
 * Workloads against any Kafka bootstrap address: produce, tail, end-to-end latency and backlog read. Uses the Kafka
 * clients alone, so that Siltstone and Kafka are measured by the same means.
 */
@NullMarked
package io.siltstone.cli.bench;

import org.jspecify.annotations.NullMarked;
