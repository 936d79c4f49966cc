/**
 * Closed segments on their way to the bucket: what to upload next, the object's making, the manifest's commit and the
 * trimming after it (rules 10 to 13). The partition's event loop decides; a few low-priority threads, shared by all
 * partitions, do what costs processor time. May use the store, the format and the log's ports.
 */
@NullMarked
package io.siltstone.tiering.upload;

import org.jspecify.annotations.NullMarked;
