package io.siltstone.format.manifest;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletionStage;

/** Port: reads whole manifest nodes. The tree checks what comes. */
@FunctionalInterface
public interface NodeLoader {

    /** The bytes of the object under that key; fails where there is none or it cannot be read. */
    CompletionStage<ByteBuffer> load(String key);
}
