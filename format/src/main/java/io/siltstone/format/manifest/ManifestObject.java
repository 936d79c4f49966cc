package io.siltstone.format.manifest;

import java.nio.ByteBuffer;

/**
 * A manifest object to be put under its key if nothing is there.
 *
 * @param bytes a read-only buffer; not to be moved, duplicate it
 * @param sha256 of the bytes in lower-case hexadecimal
 */
public record ManifestObject(String key, ByteBuffer bytes, String sha256) {}
