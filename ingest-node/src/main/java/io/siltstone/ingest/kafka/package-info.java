/**
 * The one place that touches Kafka's internal classes where they change with each minor release.
 */
@NullMarked
package io.siltstone.ingest.kafka;

import org.jspecify.annotations.NullMarked;
