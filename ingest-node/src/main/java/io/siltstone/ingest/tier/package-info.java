/**
 * What an ingest node keeps in the bucket besides segments: the descriptions of topics, so that the bucket can be read
 * with the cluster off. May use partition and the tiering module.
 */
@NullMarked
package io.siltstone.ingest.tier;

import org.jspecify.annotations.NullMarked;
