/** Segment objects: blocks of Kafka record batches, their index and footer ({@code docs/formats/segment-object.md}). */
@NullMarked
package io.siltstone.format.segment;

import org.jspecify.annotations.NullMarked;
