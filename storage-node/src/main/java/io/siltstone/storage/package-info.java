/**
 * The storage node as a process: configuration, identity of its disk, registration, HTTP, collection. May use {@code
 * io.siltstone.log} and {@code io.siltstone.metadata}.
 */
@NullMarked
package io.siltstone.storage;

import org.jspecify.annotations.NullMarked;
