package io.siltstone.format.manifest;

/**
 * A root object by key and hash.
 *
 * @param sha256 of the root object in lower-case hexadecimal
 */
public record RootRef(String key, String sha256) {

    public RootRef {
        if (key.isEmpty() || sha256.length() != 64) {
            throw new IllegalArgumentException("root '" + key + "' with SHA-256 '" + sha256 + "'");
        }
    }
}
