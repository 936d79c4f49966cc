/** The replay library against whole clusters. */
@NullMarked
package io.siltstone.testkit.replay;

import org.jspecify.annotations.NullMarked;
