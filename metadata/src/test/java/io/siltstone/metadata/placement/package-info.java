@NullMarked
package io.siltstone.metadata.placement;

import org.jspecify.annotations.NullMarked;
