/**
 * Replays the history of topics: straight from the bucket, then live. {@link io.siltstone.client.Replay} reads, {@link
 * io.siltstone.client.Verify} checks. Needs the format and Kafka's client, nothing else of the cluster.
 */
@NullMarked
package io.siltstone.client;

import org.jspecify.annotations.NullMarked;
