package io.siltstone.cli.input;

import org.jspecify.annotations.Nullable;

/**
 * Which columns of a file make the record's key and timestamp; the record's value always is the whole line.
 *
 * @param key name of the key column, null for records without a key
 * @param time name of the time column, null to leave the time to the producer
 */
public record Columns(@Nullable String key, @Nullable String time) {}
