package io.siltstone.tiering.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.siltstone.tiering.store.ObjectStoreException.Kind;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What every bucket must do. Runs on each adapter; a fresh folder of keys for each test. */
abstract class ObjectStoreContract {

    private static final int SINGLE_PUT_MAX_BYTES = 5 << 20;

    private final String folder = "cluster/" + UUID.randomUUID() + "/";

    /** Takes objects of up to 5 MiB in one put, where that makes a difference. */
    abstract ObjectStore store();

    static S3Settings settings(URI endpoint, String accessKey, String secretKey) {
        return new S3Settings(
                "bucket",
                "us-east-1",
                endpoint,
                endpoint,
                true,
                accessKey,
                secretKey,
                SINGLE_PUT_MAX_BYTES,
                SINGLE_PUT_MAX_BYTES);
    }

    @Test
    void readsBackWhatWasPut() throws Exception {
        put("object", "0123456789");
        assertThat(read("object", 0, 10)).isEqualTo("0123456789");
        assertThat(read("object", 3, 4)).isEqualTo("3456");
        assertThat(await(store().stat(folder + "object")))
                .get()
                .extracting(ObjectInfo::bytes)
                .isEqualTo(10L);
    }

    @Test
    void readsAWholeObjectOfAnExpectedSize() throws Exception {
        put("object", "0123456789");
        ByteBuf bytes = await(store().readWhole(folder + "object", 10));
        assertThat(bytes.toString(UTF_8)).isEqualTo("0123456789");
        bytes.release();
        assertThatThrownBy(failing(store().readWhole(folder + "object", 9))).satisfies(is(Kind.REFUSED));
        assertThatThrownBy(failing(store().readWhole(folder + "absent", 9))).satisfies(is(Kind.MISSING));
    }

    @Test
    void refusesASecondPutAndKeepsTheFirst() throws Exception {
        put("object", "first");
        assertThat(tryPut("object", "second")).isEqualTo(new PutResult.AlreadyThere());
        assertThat(tryPut("object", "other")).isEqualTo(new PutResult.AlreadyThere());
        assertThat(read("object", 0, 5)).isEqualTo("first");
    }

    @Test
    void takesItsOwnRetryForSuccess() throws Exception {
        put("object", "same");
        assertThat(tryPut("object", "same")).isInstanceOf(PutResult.Created.class);
    }

    @Test
    void letsOneOfManyRacingPutsWin() throws Exception {
        List<CompletableFuture<PutResult>> puts = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            puts.add(store().putIfAbsent(folder + "raced", bytes("writer " + i)));
        }
        int created = 0;
        for (CompletableFuture<PutResult> put : puts) {
            PutResult result = await(put);
            assertThat(result).isNotInstanceOf(PutResult.Unknown.class);
            created += result instanceof PutResult.Created ? 1 : 0;
        }
        assertThat(created).isEqualTo(1);
    }

    @Test
    void saysThatAnObjectIsMissing() {
        assertThatThrownBy(failing(store().read(folder + "absent", 0, 1))).satisfies(is(Kind.MISSING));
        assertThat(store().stat(folder + "absent"))
                .succeedsWithin(Duration.ofSeconds(10))
                .isEqualTo(java.util.Optional.empty());
    }

    @Test
    void saysThatARangeGoesPastTheEnd() throws Exception {
        put("object", "0123456789");
        assertThatThrownBy(failing(store().read(folder + "object", 8, 4))).satisfies(is(Kind.TRUNCATED));
        assertThatThrownBy(failing(store().read(folder + "object", 20, 4))).satisfies(is(Kind.TRUNCATED));
    }

    @Test
    void refusesKeysThatLeadOutOfTheBucket() {
        for (String key : List.of(
                "../escape", "/etc/escape", "a/../../escape", "a//b", "a/", "", "a/.", ".uploads/x", "a\\b", "a\nb")) {
            assertThatThrownBy(failing(putUnsound(key))).satisfies(is(Kind.REFUSED));
        }
    }

    @Test
    void uploadsASmallObject() throws Exception {
        assertUploaded("small", content(100_000), 64 << 10);
    }

    @Test
    void uploadsAnObjectLargerThanOnePut() throws Exception {
        assertUploaded("large", content(13 << 20), 1 << 20);
    }

    @Test
    void refusesALargeUploadUnderATakenKey() throws Exception {
        put("large", "first");
        assertThat(upload("large", content(13 << 20), 1 << 20)).isEqualTo(new PutResult.AlreadyThere());
        assertThat(read("large", 0, 5)).isEqualTo("first");
    }

    @Test
    void takesItsOwnRepeatedUploadForSuccess() throws Exception {
        byte[] content = content(6 << 20);
        upload("large", content, 1 << 20);
        assertThat(upload("large", content, 1 << 20)).isInstanceOf(PutResult.Created.class);
    }

    @Test
    void showsNothingOfAnAbortedUpload() throws Exception {
        ObjectWriter.Upload upload = store().upload(folder + "aborted");
        await(upload.write(Unpooled.wrappedBuffer(content(6 << 20))));
        upload.abort();
        assertThat(await(store().stat(folder + "aborted"))).isEmpty();
    }

    @Test
    void listsInKeyOrderByPages() throws Exception {
        List<String> names = List.of("a-b", "a/1", "a/2/x", "a/2/y", "a/3", "a0", "b");
        for (String name : names) {
            put(name, name);
        }
        for (int limit = 1; limit <= names.size() + 1; limit++) {
            assertThat(list("", limit)).isEqualTo(names);
        }
        assertThat(list("a/", 2)).containsExactly("a/1", "a/2/x", "a/2/y", "a/3");
        assertThat(list("a/2/", 10)).containsExactly("a/2/x", "a/2/y");
        assertThat(list("none/", 10)).isEmpty();
    }

    @Test
    void listsFolders() throws Exception {
        put("a/1/x", "");
        put("a/1/y", "1");
        put("a/2/x", "2");
        put("a/object", "3");
        assertThat(await(store().folders(folder + "a/"))).containsExactly(folder + "a/1/", folder + "a/2/");
        assertThat(await(store().folders(folder + "none/"))).isEmpty();
    }

    @Test
    void deletesAndIsNotTroubledByWhatIsGone() throws Exception {
        put("a/object", "x");
        await(store().delete(folder + "a/object"));
        await(store().delete(folder + "a/object"));
        assertThat(await(store().stat(folder + "a/object"))).isEmpty();
        put("a/object", "y");
        assertThat(read("a/object", 0, 1)).isEqualTo("y");
    }

    @Test
    void provesThatItRefusesASecondPut() throws Exception {
        await(ConditionalPutProof.run(store(), folder + "proof"));
        assertThat(await(store().stat(folder + "proof"))).isEmpty();
    }

    @Test
    void servesRangesUnderASignedLink() throws Exception {
        UrlSigner signer = store().signer().orElse(null);
        if (signer == null) {
            // Its node serves the bytes instead.
            assertThat(store()).isInstanceOf(DirectoryObjectStore.class);
            return;
        }
        put("object", "0123456789");
        HttpResponse<String> answer = get(signer, "object");
        assertThat(answer.statusCode()).isEqualTo(206);
        assertThat(answer.body()).isEqualTo("345");
    }

    private HttpResponse<String> get(@Nullable UrlSigner signer, String name) throws Exception {
        URI link = java.util.Objects.requireNonNull(signer).signedUrl(folder + name, Duration.ofMinutes(1));
        HttpRequest request =
                HttpRequest.newBuilder(link).header("Range", "bytes=3-5").build();
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    }

    private void assertUploaded(String name, byte[] content, int chunkBytes) throws Exception {
        assertThat(upload(name, content, chunkBytes)).isInstanceOf(PutResult.Created.class);
        assertThat(await(store().stat(folder + name)))
                .get()
                .extracting(ObjectInfo::bytes)
                .isEqualTo((long) content.length);
        byte[] found = await(ContentDigest.sha256().read(store(), folder + name, content.length));
        assertThat(found).isEqualTo(sha256(content));
    }

    private PutResult upload(String name, byte[] content, int chunkBytes) throws Exception {
        ObjectWriter.Upload upload = store().upload(folder + name);
        for (int at = 0; at < content.length; at += chunkBytes) {
            int length = Math.min(chunkBytes, content.length - at);
            await(upload.write(Unpooled.wrappedBuffer(content, at, length)));
        }
        return await(upload.complete(sha256(content)));
    }

    private void put(String name, String content) throws Exception {
        assertThat(tryPut(name, content)).isInstanceOf(PutResult.Created.class);
    }

    private PutResult tryPut(String name, String content) throws Exception {
        return await(store().putIfAbsent(folder + name, bytes(content)));
    }

    private CompletableFuture<PutResult> putUnsound(String key) {
        return store().putIfAbsent(key, bytes("x"));
    }

    private String read(String name, long offset, int length) throws Exception {
        ByteBuf bytes = await(store().read(folder + name, offset, length));
        try {
            return bytes.toString(UTF_8);
        } finally {
            bytes.release();
        }
    }

    private List<String> list(String prefix, int limit) throws Exception {
        List<String> names = new ArrayList<>();
        String after = null;
        while (true) {
            ObjectLister.Page page = await(store().list(folder + prefix, after, limit));
            assertThat(page.objects()).hasSizeLessThanOrEqualTo(limit);
            for (ObjectInfo object : page.objects()) {
                names.add(object.key().substring(folder.length()));
                after = object.key();
            }
            if (!page.more()) {
                return names;
            }
        }
    }

    private static ByteBuf bytes(String content) {
        return Unpooled.wrappedBuffer(content.getBytes(UTF_8));
    }

    private static byte[] content(int length) {
        byte[] content = new byte[length];
        new Random(length).nextBytes(content);
        return content;
    }

    private static byte[] sha256(byte[] content) throws Exception {
        return MessageDigest.getInstance("SHA-256").digest(content);
    }

    private static <T> T await(CompletableFuture<T> future) throws Exception {
        return future.get(30, TimeUnit.SECONDS);
    }

    private static ThrowingCallable failing(CompletableFuture<?> future) {
        return () -> await(future);
    }

    private static java.util.function.Consumer<Throwable> is(Kind kind) {
        return failure -> assertThat(failure.getCause())
                .isInstanceOfSatisfying(
                        ObjectStoreException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }
}
