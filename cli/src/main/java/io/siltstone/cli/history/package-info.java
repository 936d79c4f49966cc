/** The commands that read history: replay and verify, from a running cluster or from a bucket alone. */
@NullMarked
package io.siltstone.cli.history;

import org.jspecify.annotations.NullMarked;
