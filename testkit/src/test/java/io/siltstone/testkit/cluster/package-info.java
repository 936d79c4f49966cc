@NullMarked
package io.siltstone.testkit.cluster;

import org.jspecify.annotations.NullMarked;
