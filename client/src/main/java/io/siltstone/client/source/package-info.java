/**
 * Where history comes from: a running cluster, found by its Kafka bootstrap address, or a bucket alone. Two adapters
 * behind one port, {@link io.siltstone.client.source.HistorySource}.
 */
@NullMarked
package io.siltstone.client.source;

import org.jspecify.annotations.NullMarked;
