package io.siltstone.format;

import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How the objects of one partition are named; see {@link BucketKeys}. */
public record PartitionKeys(BucketKeys bucket, UUID topic, int partition) {

    private static final Pattern ROOT = Pattern.compile(".*/roots/(?<epoch>\\d{10})-(\\d{19})");
    private static final Pattern NODE = Pattern.compile(".*/nodes/(?<epoch>\\d{10})-.*");
    private static final Pattern SEGMENT = Pattern.compile(".*/segments/(?<base>\\d{19})-(?<epoch>\\d{10})-.*");

    public PartitionKeys {
        if (partition < 0) {
            throw new IllegalArgumentException("partition " + partition + " is negative");
        }
    }

    public String folder() {
        return bucket.topicFolder(topic) + partition + "/";
    }

    public String roots() {
        return folder() + "roots/";
    }

    public String nodes() {
        return folder() + "nodes/";
    }

    public String segments() {
        return folder() + "segments/";
    }

    public String root(int epoch, long sequence) {
        return roots() + epochDigits(epoch) + "-" + BucketKeys.padded(sequence);
    }

    /**
     * Key of a manifest node.
     *
     * @param unique differs between any two commits that were ever tried, in letters and digits
     * @param number of the node within the commit
     */
    public String node(int epoch, long sequence, String unique, int number) {
        return nodes() + epochDigits(epoch) + "-" + BucketKeys.padded(sequence) + "-" + checked(unique) + "-" + number;
    }

    /**
     * Key of a segment object.
     *
     * @param unique differs between any two uploads that were ever tried, in letters and digits
     */
    public String segment(long baseOffset, int epoch, String unique) {
        return segments() + BucketKeys.padded(baseOffset) + "-" + epochDigits(epoch) + "-" + checked(unique);
    }

    /** Sorts right before the keys of all segment objects with that base offset or a greater one. */
    public String segmentsFrom(long baseOffset) {
        return segments() + BucketKeys.padded(baseOffset);
    }

    /** Sorts right before the keys of all nodes that were written for a root behind that one. */
    public String nodesAfter(int epoch, long sequence) {
        return nodes() + epochDigits(epoch) + "-" + BucketKeys.padded(sequence + 1);
    }

    /** The epoch that a root's, node's or segment's key carries; empty for any other key. */
    public static OptionalInt epochOf(String key) {
        for (Pattern pattern : new Pattern[] {SEGMENT, NODE, ROOT}) {
            Matcher matcher = pattern.matcher(key);
            if (matcher.matches()) {
                return OptionalInt.of((int) Long.parseLong(matcher.group("epoch")));
            }
        }
        return OptionalInt.empty();
    }

    /** The base offset that a segment's key carries; empty for any other key. */
    public static OptionalLong baseOffsetOf(String key) {
        Matcher matcher = SEGMENT.matcher(key);
        return matcher.matches() ? OptionalLong.of(Long.parseLong(matcher.group("base"))) : OptionalLong.empty();
    }

    /** The key as it stands in manifest nodes: without the folder of its own partition, with a "/" before any other. */
    public String shorten(String key) {
        return key.startsWith(folder()) ? key.substring(folder().length()) : "/" + key;
    }

    /** Undoes {@link #shorten}. */
    public String expand(String shortKey) {
        return shortKey.startsWith("/") ? shortKey.substring(1) : folder() + shortKey;
    }

    private static String checked(String unique) {
        if (unique.isEmpty() || !unique.chars().allMatch(Character::isLetterOrDigit)) {
            throw new IllegalArgumentException("'" + unique + "' is not made of letters and digits");
        }
        return unique;
    }

    private static String epochDigits(int epoch) {
        if (epoch < 0) {
            throw new IllegalArgumentException("a key cannot hold the negative epoch " + epoch);
        }
        return String.format("%010d", epoch);
    }
}
