package io.siltstone.tiering.upload;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.siltstone.tiering.store.ObjectInfo;
import io.siltstone.tiering.store.ObjectStore;
import io.siltstone.tiering.store.ObjectStoreException;
import io.siltstone.tiering.store.PutResult;
import io.siltstone.tiering.store.UrlSigner;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A bucket in memory whose calls take virtual time and fail as its faults decide. */
final class MemoryObjectStore implements ObjectStore {

    /** Decides what becomes of each call. */
    interface Faults {
        Fault next(String call);
    }

    enum Fault {
        NONE,
        /** Nothing happens, and the caller is told so or left in doubt. */
        BEFORE,
        /** It happens, and the caller is left in doubt. */
        AFTER
    }

    private final NavigableMap<String, byte[]> objects = new TreeMap<>();
    private final VirtualLoop loop;
    private Faults faults = call -> Fault.NONE;
    private boolean checks;

    MemoryObjectStore(VirtualLoop loop) {
        this.loop = loop;
    }

    void faults(Faults newFaults) {
        faults = newFaults;
    }

    /** Whether puts are answered with a checksum. */
    void checks(boolean newChecks) {
        checks = newChecks;
    }

    NavigableMap<String, byte[]> objects() {
        return objects;
    }

    @Override
    public CompletableFuture<ByteBuf> read(String key, long offset, int length) {
        return call("read", key, () -> {
            byte[] object = existing(key);
            if (offset + length > object.length) {
                throw new ObjectStoreException(ObjectStoreException.Kind.TRUNCATED, key, "too short", null);
            }
            return Unpooled.copiedBuffer(object, (int) offset, length);
        });
    }

    @Override
    public CompletableFuture<ByteBuf> readWhole(String key, int maxBytes) {
        return call("read", key, () -> Unpooled.copiedBuffer(existing(key)));
    }

    @Override
    public CompletableFuture<Optional<ObjectInfo>> stat(String key) {
        return call(
                "stat",
                key,
                () -> Optional.ofNullable(objects.get(key)).map(object -> new ObjectInfo(key, object.length, 0)));
    }

    @Override
    public CompletableFuture<PutResult> putIfAbsent(String key, ByteBuf bytes) {
        return put(key, ByteBufUtil.getBytes(bytes));
    }

    @Override
    public Upload upload(String key) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        return new Upload() {
            @Override
            public CompletableFuture<Void> write(ByteBuf part) {
                bytes.writeBytes(ByteBufUtil.getBytes(part));
                part.release();
                return call("write", key, () -> null);
            }

            @Override
            public CompletableFuture<PutResult> complete(byte[] sha256) {
                return put(key, bytes.toByteArray());
            }

            @Override
            public void abort() {}
        };
    }

    @Override
    public long uploadMemoryBytes() {
        return 0;
    }

    @Override
    public CompletableFuture<Page> list(String prefix, @Nullable String after, int limit) {
        return call("list", prefix, () -> {
            List<ObjectInfo> found = objects.entrySet().stream()
                    .filter(object -> object.getKey().startsWith(prefix))
                    .filter(object -> after == null || object.getKey().compareTo(after) > 0)
                    .limit(limit + 1L)
                    .map(object -> new ObjectInfo(object.getKey(), object.getValue().length, 0))
                    .toList();
            return new Page(found.subList(0, Math.min(limit, found.size())), found.size() > limit);
        });
    }

    @Override
    public CompletableFuture<List<String>> folders(String prefix) {
        return call(
                "list",
                prefix,
                () -> objects.keySet().stream()
                        .filter(key -> key.startsWith(prefix) && key.indexOf('/', prefix.length()) >= 0)
                        .map(key -> key.substring(0, key.indexOf('/', prefix.length()) + 1))
                        .distinct()
                        .toList());
    }

    @Override
    public CompletableFuture<Void> delete(String key) {
        return call("delete", key, () -> {
            objects.remove(key);
            return null;
        });
    }

    @Override
    public Optional<UrlSigner> signer() {
        return Optional.empty();
    }

    @Override
    public boolean isLocal() {
        return false;
    }

    @Override
    public String describe() {
        return "memory";
    }

    @Override
    public void close() {}

    private byte[] existing(String key) {
        byte[] object = objects.get(key);
        if (object == null) {
            throw new ObjectStoreException(ObjectStoreException.Kind.MISSING, key, "no such object", null);
        }
        return object;
    }

    private CompletableFuture<PutResult> put(String key, byte[] bytes) {
        CompletableFuture<PutResult> result = new CompletableFuture<>();
        Fault fault = faults.next("put");
        loop.schedule(1, () -> {
            if (fault == Fault.BEFORE) {
                result.complete(new PutResult.Unknown("lost on the way there"));
                return;
            }
            byte[] there = objects.putIfAbsent(key, bytes);
            if (fault == Fault.AFTER) {
                result.complete(new PutResult.Unknown("lost on the way back"));
            } else if (there == null || Arrays.equals(there, bytes)) {
                result.complete(new PutResult.Created(checks));
            } else {
                result.complete(new PutResult.AlreadyThere());
            }
        });
        return result;
    }

    private <T> CompletableFuture<T> call(String name, String key, Supplier<T> action) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Fault fault = faults.next(name);
        loop.schedule(1, () -> {
            try {
                if (fault == Fault.BEFORE) {
                    throw new ObjectStoreException(ObjectStoreException.Kind.UNAVAILABLE, key, "out of reach", null);
                }
                T value = action.get();
                if (fault == Fault.AFTER) {
                    throw new ObjectStoreException(ObjectStoreException.Kind.UNAVAILABLE, key, "no answer", null);
                }
                result.complete(value);
            } catch (RuntimeException e) {
                result.completeExceptionally(e);
            }
        });
        return result;
    }
}
