@NullMarked
package io.siltstone.tiering.history;

import org.jspecify.annotations.NullMarked;
