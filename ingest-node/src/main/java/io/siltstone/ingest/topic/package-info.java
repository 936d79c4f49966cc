/**
 * What a topic's settings mean: Kafka's names and definitions, this product's defaults, and the quorums that follow from
 * replication factor and {@code min.insync.replicas}. Values only.
 */
@NullMarked
package io.siltstone.ingest.topic;

import org.jspecify.annotations.NullMarked;
