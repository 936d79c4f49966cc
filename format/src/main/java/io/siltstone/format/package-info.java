/**
 * The open format of the bucket: keys, record batch headers, checksums and the objects that are not a partition's
 * records. Turns values into bytes and back and does no I/O; depends on nothing of ours.
 */
@NullMarked
package io.siltstone.format;

import org.jspecify.annotations.NullMarked;
