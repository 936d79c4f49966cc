/**
 * Files that become records: CSV and NDJSON, packed or not, with a column for the key and one for the time. Reads
 * forward, one record at a time, in memory that does not grow with the file.
 */
@NullMarked
package io.siltstone.cli.input;

import org.jspecify.annotations.NullMarked;
