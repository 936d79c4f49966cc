package io.siltstone.metadata;

import java.util.regex.Pattern;

/** Which names a topic may bear: Kafka's rule. */
public final class TopicNames {

    public static final int MAX_LENGTH = 249;

    private static final Pattern LEGAL = Pattern.compile("[a-zA-Z0-9._-]{1," + MAX_LENGTH + "}");

    private TopicNames() {}

    public static boolean isLegal(String name) {
        return LEGAL.matcher(name).matches() && !name.equals(".") && !name.equals("..");
    }

    /**
     * Refuses an illegal name.
     *
     * @throws MetadataException.Invalid that says what is legal
     */
    public static void check(String name) {
        if (!isLegal(name)) {
            throw new MetadataException.Invalid("topic name '" + name + "' is not legal: 1 to " + MAX_LENGTH
                    + " of the characters a-z A-Z 0-9 . _ - and neither '.' nor '..'");
        }
    }

    /** What two names share that collide: '.' and '_' count as the same. */
    public static String collisionKey(String name) {
        return name.replace('.', '_');
    }
}
