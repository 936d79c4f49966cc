package io.siltstone.tiering.store;

import java.net.URI;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where an S3 bucket is and how it is spoken to. Property names stand beside each parameter.
 *
 * @param region {@code s3.region}, default us-east-1
 * @param endpoint {@code s3.endpoint}; null for Amazon's own
 * @param publicEndpoint {@code s3.public.endpoint}: the address for which links are signed, since the signature covers
 *     the host; default the endpoint
 * @param pathStyle {@code s3.path.style}: the bucket's name in the path, not in the host; default true where an endpoint
 *     is given
 * @param accessKey {@code s3.access.key}; null: the SDK's default chain
 * @param secretKey {@code s3.secret.key}
 * @param singlePutMaxBytes {@code s3.single.put.max.bytes}: larger objects go in parts; default 128 MiB and some for
 *     the index
 * @param partBytes {@code s3.part.bytes}: default 16 MiB, at least 5 MiB as S3 demands
 */
public record S3Settings(
        String bucket,
        String region,
        @Nullable URI endpoint,
        @Nullable URI publicEndpoint,
        boolean pathStyle,
        @Nullable String accessKey,
        @Nullable String secretKey,
        long singlePutMaxBytes,
        int partBytes) {

    private static final String DEFAULT_SINGLE_PUT_MAX_BYTES = String.valueOf(136L << 20);
    private static final String DEFAULT_PART_BYTES = String.valueOf(16 << 20);
    private static final int LEAST_PART_BYTES = 5 << 20;

    public S3Settings {
        if (bucket.isEmpty() || (accessKey == null) != (secretKey == null)) {
            throw new IllegalArgumentException(
                    "bucket '" + bucket + "': s3.access.key and s3.secret.key go together, and a bucket has a name");
        }
        if (partBytes < LEAST_PART_BYTES || singlePutMaxBytes < partBytes) {
            throw new IllegalArgumentException("s3.part.bytes " + partBytes + " must be at least " + LEAST_PART_BYTES
                    + " and at most s3.single.put.max.bytes " + singlePutMaxBytes);
        }
    }

    static S3Settings of(URI address, Map<String, String> properties) {
        String bucket = String.valueOf(address.getAuthority());
        String path = address.getPath();
        if (path != null && path.length() > 1) {
            throw new IllegalArgumentException("bucket address '" + address + "' must not have a path");
        }
        URI endpoint = uri(properties.get("s3.endpoint"));
        URI publicEndpoint = uri(properties.get("s3.public.endpoint"));
        return new S3Settings(
                bucket,
                properties.getOrDefault("s3.region", "us-east-1"),
                endpoint,
                publicEndpoint == null ? endpoint : publicEndpoint,
                Boolean.parseBoolean(properties.getOrDefault("s3.path.style", String.valueOf(endpoint != null))),
                properties.get("s3.access.key"),
                properties.get("s3.secret.key"),
                Long.parseLong(properties.getOrDefault("s3.single.put.max.bytes", DEFAULT_SINGLE_PUT_MAX_BYTES)),
                Integer.parseInt(properties.getOrDefault("s3.part.bytes", DEFAULT_PART_BYTES)));
    }

    private static @Nullable URI uri(@Nullable String text) {
        return text == null || text.isBlank() ? null : URI.create(text);
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return "s3://" + bucket + (endpoint == null ? "" : " at " + endpoint);
    }
}
