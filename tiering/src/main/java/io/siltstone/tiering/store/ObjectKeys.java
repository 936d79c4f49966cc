package io.siltstone.tiering.store;

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
        boolean sound = !key.isEmpty()
                && key.getBytes(StandardCharsets.UTF_8).length <= MAX_BYTES
                && key.chars().noneMatch(Character::isISOControl)
                && Arrays.stream(key.split("/", -1)).noneMatch(ObjectKeys::isUnsound);
        if (!sound) {
            throw new ObjectStoreException(
                    ObjectStoreException.Kind.REFUSED, key, "a key is a relative path without '.' and '..'", null);
        }
        return key;
    }

    private static boolean isUnsound(String name) {
        return name.isEmpty() || name.startsWith(".") || name.indexOf('\\') >= 0;
    }
}
