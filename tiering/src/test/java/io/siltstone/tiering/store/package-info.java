@NullMarked
package io.siltstone.tiering.store;

import org.jspecify.annotations.NullMarked;
