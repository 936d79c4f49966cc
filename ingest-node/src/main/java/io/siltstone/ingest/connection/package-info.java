/**
 * Connections of Kafka clients: framing, parsing, order of answers, backpressure. Knows no API; requests go to whatever
 * {@link io.siltstone.ingest.api.ApiHandlers} names. May use Netty and Kafka's codec.
 */
@NullMarked
package io.siltstone.ingest.connection;

import org.jspecify.annotations.NullMarked;
