/** Records out of record batches, by Kafka's own code: the one place here that uses Kafka's internal classes. */
@NullMarked
package io.siltstone.client.record;

import org.jspecify.annotations.NullMarked;
