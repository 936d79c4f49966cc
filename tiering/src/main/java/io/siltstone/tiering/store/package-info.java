/**
 * The bucket as the rest of Siltstone sees it: a port of small capabilities, and its adapters for S3 and for a
 * directory. The only importer of the AWS SDK. Knows keys and bytes, nothing of what they mean.
 */
@NullMarked
package io.siltstone.tiering.store;

import org.jspecify.annotations.NullMarked;
