@NullMarked
package io.siltstone.metadata.memory;

import org.jspecify.annotations.NullMarked;
