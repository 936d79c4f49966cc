/**
 * Consumer groups: Kafka's group coordinator over the partitions of {@code __consumer_offsets} that this node owns, and
 * the requests that reach it. The coordinator itself is Kafka's; its glue is in {@code io.siltstone.ingest.kafka}. What
 * it needs of the data plane is {@link io.siltstone.ingest.group.OffsetsLog}.
 */
@NullMarked
package io.siltstone.ingest.group;

import org.jspecify.annotations.NullMarked;
