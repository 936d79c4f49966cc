/** Where the segments of a partition go: the writer's placement port on the cluster's image. */
@NullMarked
package io.siltstone.metadata.placement;

import org.jspecify.annotations.NullMarked;
