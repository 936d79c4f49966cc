/**
 * The demo: real records through a cluster of real processes, with an ingest node and a storage node killed on the way,
 * and every record compared in the end. Memory stays bounded: what was produced and what came back is kept in files of
 * one number per record.
 */
@NullMarked
package io.siltstone.cli.demo;

import org.jspecify.annotations.NullMarked;
