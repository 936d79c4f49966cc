/** Whole clusters in one process, of the real nodes, over real sockets and files. */
@NullMarked
package io.siltstone.testkit.cluster;

import org.jspecify.annotations.NullMarked;
