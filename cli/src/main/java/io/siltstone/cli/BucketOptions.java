package io.siltstone.cli;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the bucket is and how to reach it. What is not given comes from the AWS SDK's own chain: environment, profile, role. */
public final class BucketOptions {
    @Option(
            names = "--bucket",
            paramLabel = "URL",
            description = "The bucket: file:///FOLDER or s3://NAME (default: a folder of the cluster).")
    private @Nullable String url;

    @Option(names = "--s3-endpoint", paramLabel = "URL", description = "Endpoint of an S3-compatible store.")
    private @Nullable String endpoint;

    @Option(names = "--s3-region", paramLabel = "REGION", description = "Region of the bucket.")
    private @Nullable String region;

    @Option(names = "--s3-path-style", description = "Address the bucket in the path, not in the host name.")
    private boolean pathStyle;

    @Option(names = "--s3-access-key", paramLabel = "KEY", description = "Access key; better left to the environment.")
    private @Nullable String accessKey;

    @Option(names = "--s3-secret-key", paramLabel = "KEY", description = "Secret key; better left to the environment.")
    private @Nullable String secretKey;

    /** The address, as it was given; null where it was not. */
    public @Nullable String url() {
        return url;
    }

    /** The address of a bucket that is a folder. */
    public static String folder(Path folder) {
        try {
            return new URI("file", "", folder.toAbsolutePath().toString(), null).toString();
        } catch (URISyntaxException e) {
            throw new UsageException("no folder for a bucket: " + folder);
        }
    }

    /** The properties of an ingest node that say the same. */
    public Map<String, String> properties() {
        Map<String, String> properties = new TreeMap<>();
        put(properties, "s3.endpoint", endpoint);
        put(properties, "s3.region", region);
        put(properties, "s3.access.key", accessKey);
        put(properties, "s3.secret.key", secretKey);
        if (pathStyle) {
            properties.put("s3.path.style", "true");
        }
        return properties;
    }

    private static void put(Map<String, String> properties, String key, @Nullable String value) {
        if (value != null) {
            properties.put(key, value);
        }
    }
}
