/**
 * The bytes between an ingest node and a storage node, as docs/formats/wire.md describes them: frames, their Netty
 * codec, and the mapping of the log's values to protobuf. Both ends use it. Knows nothing of connections or requests.
 */
@NullMarked
package io.siltstone.log.wire;

import org.jspecify.annotations.NullMarked;
