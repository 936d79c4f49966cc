/** The commands about topics: make, show and delete them, tell where their segments lie, and seal what is open. */
@NullMarked
package io.siltstone.cli.topics;

import org.jspecify.annotations.NullMarked;
