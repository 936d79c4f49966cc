/**
 * Turns the segment objects of a partition into records in offset order: plans reads, checks what comes, decodes. Knows
 * of sources only their port.
 */
@NullMarked
package io.siltstone.client.stream;

import org.jspecify.annotations.NullMarked;
