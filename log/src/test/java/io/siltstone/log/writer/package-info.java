@NullMarked
package io.siltstone.log.writer;

import org.jspecify.annotations.NullMarked;
