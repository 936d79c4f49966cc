/**
 * The node's dealings with the bucket beside reading it: the proof that it can be used, the descriptions of topics, and
 * per owned partition tiering, retention and the collection of garbage. May use the tiering module and the metadata; knows
 * nothing of partitions' reading and writing.
 */
@NullMarked
package io.siltstone.ingest.archive;

import org.jspecify.annotations.NullMarked;
