@NullMarked
package io.siltstone.tiering.upload;

import org.jspecify.annotations.NullMarked;
