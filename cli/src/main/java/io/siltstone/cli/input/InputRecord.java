package io.siltstone.cli.input;

import org.jspecify.annotations.Nullable;

/**
 * One record of a file, as it is to be produced.
 *
 * @param key the key column's text as UTF-8, null where the file has no key column
 * @param value the line as UTF-8, without its end
 * @param timestamp milliseconds since the epoch, null where the file has no time column
 */
@SuppressWarnings("ArrayRecordComponent") // never compared: the arrays go to the producer as they are
public record InputRecord(
        byte @Nullable [] key, byte[] value, @Nullable Long timestamp) {}
