package io.siltstone.tiering.store;

import java.net.URI;
import java.nio.file.Path;
import java.util.Map;

/** Opens the store that a bucket's address names. */
public final class ObjectStores {

    private ObjectStores() {}

    /**
     * Opens {@code file:///folder} or {@code s3://bucket}; nothing is sent yet.
     *
     * @param properties those of {@link S3Settings}; a directory takes none. Others are left alone
     * @throws IllegalArgumentException where the address or a property is unsound
     */
    public static ObjectStore open(URI bucket, Map<String, String> properties) {
        String scheme = String.valueOf(bucket.getScheme());
        return switch (scheme) {
            case "file" -> new DirectoryObjectStore(folder(bucket));
            case "s3" -> new S3ObjectStore(S3Settings.of(bucket, properties));
            default ->
                throw new IllegalArgumentException(
                        "bucket address '" + bucket + "': expected file:///FOLDER or s3://NAME");
        };
    }

    private static Path folder(URI bucket) {
        if (bucket.getPath() == null || bucket.getPath().isEmpty() || bucket.getAuthority() != null) {
            throw new IllegalArgumentException(
                    "bucket address '" + bucket + "': a folder is named by its absolute path, file:///FOLDER");
        }
        return Path.of(bucket.getPath());
    }
}
