/**
 * The ingest node: Kafka's protocol in front of the replicated log. It keeps nothing on disk; what it owns it can lose at
 * any moment. May use {@code log}, {@code metadata} and {@code tiering}.
 */
@NullMarked
package io.siltstone.ingest;

import org.jspecify.annotations.NullMarked;
