/**
 * What the node answers to Kafka requests: the table of handlers, and the handlers of the data path and of metadata.
 * Errors become Kafka's codes here and nowhere else.
 */
@NullMarked
package io.siltstone.ingest.api;

import org.jspecify.annotations.NullMarked;
