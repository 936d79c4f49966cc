/**
 * How an ingest node, or a tool, talks to storage nodes: the Netty adapter of {@code io.siltstone.log.writer.Replicas}.
 * Uses {@code wire} for bytes; decides nothing about the log.
 */
@NullMarked
package io.siltstone.log.client;

import org.jspecify.annotations.NullMarked;
