@NullMarked
package io.siltstone.testkit;

import org.jspecify.annotations.NullMarked;
