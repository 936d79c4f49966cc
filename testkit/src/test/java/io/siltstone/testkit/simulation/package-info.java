@NullMarked
package io.siltstone.testkit.simulation;

import org.jspecify.annotations.NullMarked;
