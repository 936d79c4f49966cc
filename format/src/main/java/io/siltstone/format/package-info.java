/** The open bucket format. Reads and writes bytes, does no I/O, uses nothing of ours. */
@NullMarked
package io.siltstone.format;

import org.jspecify.annotations.NullMarked;
