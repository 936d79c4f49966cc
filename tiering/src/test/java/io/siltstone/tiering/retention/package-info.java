@NullMarked
package io.siltstone.tiering.retention;

import org.jspecify.annotations.NullMarked;
