/**
 * How old records and unreferenced objects leave the bucket (rules 13 and 14): first a decision moves the log start,
 * durably; the tierer writes a root without what lies below; only then, after a grace period, objects are deleted. May
 * use the store, the format and the upload's manifest.
 */
@NullMarked
package io.siltstone.tiering.retention;

import org.jspecify.annotations.NullMarked;
