@NullMarked
package io.siltstone.metadata.zookeeper;

import org.jspecify.annotations.NullMarked;
