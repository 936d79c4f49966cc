@NullMarked
package io.siltstone.metadata.liveness;

import org.jspecify.annotations.NullMarked;
