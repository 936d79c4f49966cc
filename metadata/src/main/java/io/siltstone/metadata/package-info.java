/**
 * What a cluster knows of itself: immutable images, their changes, and the ports through which they are read and
 * changed. May use {@code io.siltstone.log}; ZooKeeper is known only to {@code io.siltstone.metadata.zookeeper}.
 */
@NullMarked
package io.siltstone.metadata;

import org.jspecify.annotations.NullMarked;
