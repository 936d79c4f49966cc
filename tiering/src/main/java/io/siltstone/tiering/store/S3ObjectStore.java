package io.siltstone.tiering.store;

import io.netty.buffer.ByteBuf;
import java.net.URI;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.async.AsyncRequestBody;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.SdkEventLoopGroup;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.S3AsyncClientBuilder;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.model.ChecksumMode;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;
import software.amazon.awssdk.services.s3.presigner.model.GetObjectPresignRequest;

/**
 * A bucket behind the S3 API. The SDK retries what failed in passing; a 412 on a put is compared with what was sent,
 * for it may come from a retry of our own.
 */
public final class S3ObjectStore implements ObjectStore, UrlSigner {

    private static final int EVENT_LOOPS = 2;
    private static final int MAX_CONNECTIONS = 64;
    private static final int MAX_ATTEMPTS = 3;
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration ATTEMPT_TIMEOUT = Duration.ofSeconds(60);
    private static final AwsRequestOverrideConfiguration LARGE = AwsRequestOverrideConfiguration.builder()
            .apiCallAttemptTimeout(Duration.ofMinutes(10))
            .build();

    private final S3Settings settings;
    private final S3AsyncClient client;
    private final S3Presigner presigner;

    public S3ObjectStore(S3Settings settings) {
        this.settings = settings;
        AwsCredentialsProvider credentials = credentials(settings);
        S3AsyncClientBuilder builder = S3AsyncClient.builder()
                .region(Region.of(settings.region()))
                .credentialsProvider(credentials)
                .forcePathStyle(settings.pathStyle())
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .overrideConfiguration(override -> override.apiCallAttemptTimeout(ATTEMPT_TIMEOUT)
                        .retryStrategy(retry -> retry.maxAttempts(MAX_ATTEMPTS)))
                .httpClientBuilder(NettyNioAsyncHttpClient.builder()
                        .maxConcurrency(MAX_CONNECTIONS)
                        .connectionTimeout(CONNECT_TIMEOUT)
                        .readTimeout(IDLE_TIMEOUT)
                        .writeTimeout(IDLE_TIMEOUT)
                        .eventLoopGroupBuilder(SdkEventLoopGroup.builder().numberOfThreads(EVENT_LOOPS)));
        S3Presigner.Builder signing = S3Presigner.builder()
                .region(Region.of(settings.region()))
                .credentialsProvider(credentials)
                .serviceConfiguration(S3Configuration.builder()
                        .pathStyleAccessEnabled(settings.pathStyle())
                        .build());
        URI endpoint = settings.endpoint();
        if (endpoint != null) {
            builder.endpointOverride(endpoint);
        }
        URI publicEndpoint = settings.publicEndpoint();
        if (publicEndpoint != null) {
            signing.endpointOverride(publicEndpoint);
        }
        client = builder.build();
        presigner = signing.build();
    }

    @Override
    public CompletableFuture<ByteBuf> read(String key, long offset, int length) {
        String range = "bytes=" + offset + "-" + (offset + length - 1);
        return translated(
                key,
                client.getObject(
                        request -> request.bucket(settings.bucket()).key(key).range(range),
                        RangeReceiver.ofRange(key, length)));
    }

    @Override
    public CompletableFuture<ByteBuf> readWhole(String key, int maxBytes) {
        return translated(
                key,
                client.getObject(
                        request -> request.bucket(settings.bucket()).key(key), RangeReceiver.ofWhole(key, maxBytes)));
    }

    @Override
    public CompletableFuture<Optional<ObjectInfo>> stat(String key) {
        return head(key).handle((head, failure) -> {
            if (failure == null) {
                return Optional.of(new ObjectInfo(
                        key, head.contentLength(), head.lastModified().toEpochMilli()));
            }
            ObjectStoreException translated = S3Failures.translate(failure, key);
            if (translated.kind() == ObjectStoreException.Kind.MISSING) {
                return Optional.empty();
            }
            throw translated;
        });
    }

    @Override
    public CompletableFuture<PutResult> putIfAbsent(String key, ByteBuf bytes) {
        try {
            ObjectKeys.checked(key);
        } catch (ObjectStoreException e) {
            return CompletableFuture.failedFuture(e);
        }
        return put(key, List.of(bytes), sha256(bytes));
    }

    @Override
    public Upload upload(String key) {
        return new S3Upload(this, ObjectKeys.checked(key));
    }

    @Override
    public long uploadMemoryBytes() {
        return settings.singlePutMaxBytes();
    }

    @Override
    public CompletableFuture<Page> list(String prefix, @Nullable String after, int limit) {
        return translated(
                prefix,
                client.listObjectsV2(request -> request.bucket(settings.bucket())
                                .prefix(prefix)
                                .startAfter(after)
                                .maxKeys(limit))
                        .thenApply(page -> new Page(
                                page.contents().stream()
                                        .map(S3ObjectStore::info)
                                        .toList(),
                                page.isTruncated())));
    }

    @Override
    public CompletableFuture<List<String>> folders(String prefix) {
        List<String> found = new ArrayList<>();
        return translated(
                prefix,
                client.listObjectsV2Paginator(request ->
                                request.bucket(settings.bucket()).prefix(prefix).delimiter("/"))
                        .commonPrefixes()
                        .subscribe(folder -> found.add(folder.prefix()))
                        .thenApply(done -> List.copyOf(found)));
    }

    @Override
    public CompletableFuture<Void> delete(String key) {
        return translated(
                key,
                client.deleteObject(request -> request.bucket(settings.bucket()).key(key))
                        .thenAccept(done -> {}));
    }

    @Override
    public Optional<UrlSigner> signer() {
        return Optional.of(this);
    }

    @Override
    public URI signedUrl(String key, Duration life) {
        return URI.create(presigner
                .presignGetObject(GetObjectPresignRequest.builder()
                        .signatureDuration(life)
                        .getObjectRequest(
                                request -> request.bucket(settings.bucket()).key(key))
                        .build())
                .url()
                .toString());
    }

    @Override
    public boolean isLocal() {
        return false;
    }

    @Override
    public String describe() {
        return settings.toString();
    }

    @Override
    public void close() {
        presigner.close();
        client.close();
    }

    S3Settings settings() {
        return settings;
    }

    S3AsyncClient client() {
        return client;
    }

    AwsRequestOverrideConfiguration large() {
        return LARGE;
    }

    /** One put of all the buffers, which the caller keeps until the future completes. */
    CompletableFuture<PutResult> put(String key, List<ByteBuf> bytes, byte[] sha256) {
        long length = bytes.stream().mapToLong(ByteBuf::readableBytes).sum();
        String checksum = Base64.getEncoder().encodeToString(sha256);
        ByteBuffer[] body = bytes.stream()
                .flatMap(buffer -> List.of(buffer.nioBuffers()).stream())
                .toArray(ByteBuffer[]::new);
        return client.putObject(
                        request -> request.bucket(settings.bucket())
                                .key(key)
                                .ifNoneMatch("*")
                                .contentLength(length)
                                .checksumSHA256(checksum)
                                .overrideConfiguration(LARGE),
                        AsyncRequestBody.fromByteBuffersUnsafe(body))
                .<PutResult>thenApply(response -> new PutResult.Created(checksum.equals(response.checksumSHA256())))
                .exceptionallyCompose(
                        failure -> settle(key, length, checksum, ContentDigest.sha256(), sha256, failure));
    }

    /** What a failed conditional write means; on a 412 the object's length and then its checksum or bytes decide. */
    CompletableFuture<PutResult> settle(
            String key,
            long length,
            @Nullable String sha256,
            ContentDigest digest,
            byte[] expected,
            Throwable failure) {
        if (S3Failures.isUnknown(failure)) {
            return CompletableFuture.completedFuture(new PutResult.Unknown(
                    String.valueOf(S3Failures.unwrap(failure).getMessage())));
        }
        if (S3Failures.status(failure) != S3Failures.PRECONDITION_FAILED) {
            return CompletableFuture.failedFuture(S3Failures.translate(failure, key));
        }
        return head(key)
                .thenCompose(head -> compare(key, head, length, sha256, digest, expected))
                .exceptionally(unread -> new PutResult.Unknown("the key was taken, and could not be compared: "
                        + S3Failures.unwrap(unread).getMessage()));
    }

    private CompletableFuture<PutResult> compare(
            String key,
            HeadObjectResponse head,
            long length,
            @Nullable String sha256,
            ContentDigest digest,
            byte[] expected) {
        if (head.contentLength() != length) {
            return CompletableFuture.completedFuture(new PutResult.AlreadyThere());
        }
        if (sha256 != null && head.checksumSHA256() != null) {
            return CompletableFuture.completedFuture(
                    sha256.equals(head.checksumSHA256()) ? new PutResult.Created(true) : new PutResult.AlreadyThere());
        }
        return digest.read(this, key, length)
                .thenApply(actual -> MessageDigest.isEqual(actual, expected)
                        ? new PutResult.Created(true)
                        : new PutResult.AlreadyThere());
    }

    private CompletableFuture<HeadObjectResponse> head(String key) {
        return client.headObject(
                request -> request.bucket(settings.bucket()).key(key).checksumMode(ChecksumMode.ENABLED));
    }

    private static <T> CompletableFuture<T> translated(String key, CompletableFuture<T> future) {
        return future.handle((value, failure) -> {
            if (failure != null) {
                throw S3Failures.translate(failure, key);
            }
            return value;
        });
    }

    private static ObjectInfo info(S3Object object) {
        return new ObjectInfo(object.key(), object.size(), object.lastModified().toEpochMilli());
    }

    private static AwsCredentialsProvider credentials(S3Settings settings) {
        String accessKey = settings.accessKey();
        String secretKey = settings.secretKey();
        return accessKey == null || secretKey == null
                ? DefaultCredentialsProvider.builder().build()
                : StaticCredentialsProvider.create(AwsBasicCredentials.create(accessKey, secretKey));
    }

    private static byte[] sha256(ByteBuf bytes) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (ByteBuffer part : bytes.nioBuffers()) {
                digest.update(part);
            }
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
