@NullMarked
package io.siltstone.metadata.assignment;

import org.jspecify.annotations.NullMarked;
