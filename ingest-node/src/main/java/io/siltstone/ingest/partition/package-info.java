/**
 * The owner's side of partitions, each confined to its event loop: validation, producer state, tail cache, reads over
 * cache, storage nodes and bucket. Knows no Kafka request; its errors are Kafka's exceptions.
 */
@NullMarked
package io.siltstone.ingest.partition;

import org.jspecify.annotations.NullMarked;
