/**
 * What administrators ask of the cluster: topics, partitions and settings. Every change goes through the ports of
 * {@code io.siltstone.metadata}; what is answered comes from the cluster's image.
 */
@NullMarked
package io.siltstone.ingest.admin;

import org.jspecify.annotations.NullMarked;
