/**
 * The cluster's metadata in ZooKeeper: the one place that knows Curator and the znodes of docs/formats/znodes.md.
 */
@NullMarked
package io.siltstone.metadata.zookeeper;

import org.jspecify.annotations.NullMarked;
