package io.siltstone.tiering.store;

import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;

/** What a key may look like in every store, and how keys are ordered. */
final class ObjectKeys {

    /** The order in which stores list: by unsigned UTF-8 bytes. */
    static final Comparator<String> ORDER = (left, right) ->
            Arrays.compareUnsigned(left.getBytes(StandardCharsets.UTF_8), right.getBytes(StandardCharsets.UTF_8));

    private static final int MAX_BYTES = 1024;

    private ObjectKeys() {}

    /** Refuses a key that could name something outside the bucket, or that not every store takes. */
    static String checked(String key) {
        if (key.isEmpty() || ByteBufUtil.utf8Bytes(key) > MAX_BYTES || !hasSoundNames(key)) {
            throw new ObjectStoreException(
                    ObjectStoreException.Kind.REFUSED, key, "a key is a relative path without '.' and '..'", null);
        }
        return key;
    }

    private static boolean hasSoundNames(String key) {
        boolean nameBegins = true;
        for (int i = 0; i < key.length(); i++) {
            char c = key.charAt(i);
            if (Character.isISOControl(c) || c == '\\' || (nameBegins && (c == '/' || c == '.'))) {
                return false;
            }
            nameBegins = c == '/';
        }
        return !nameBegins;
    }
}
