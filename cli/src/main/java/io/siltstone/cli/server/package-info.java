/** The commands that run one node in the foreground: its configuration, its pid file, its end. */
@NullMarked
package io.siltstone.cli.server;

import org.jspecify.annotations.NullMarked;
