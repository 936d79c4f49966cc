/**
 * A cluster of real processes on one machine, kept in one folder: its settings, the files of each node, the flags and
 * the command that start it, and the waiting until it serves. Knows the servers by their command lines and HTTP
 * endpoints only.
 */
@NullMarked
package io.siltstone.cli.cluster;

import org.jspecify.annotations.NullMarked;
