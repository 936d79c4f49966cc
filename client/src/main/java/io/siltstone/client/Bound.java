package io.siltstone.client;

import java.time.Instant;

/** Where a replay starts or ends, in each partition. */
public sealed interface Bound {

    /** The first offset that can be read. */
    static Bound earliest() {
        return new Earliest();
    }

    /** The offset after the last one at the moment when the replay starts. */
    static Bound latest() {
        return new Latest();
    }

    static Bound offset(long offset) {
        return new AtOffset(offset);
    }

    /** The first record, in offset order, of that time or later. */
    static Bound time(Instant time) {
        return new AtTime(time.toEpochMilli());
    }

    /** See {@link #earliest()}. */
    record Earliest() implements Bound {}

    /** See {@link #latest()}. */
    record Latest() implements Bound {}

    /** See {@link #offset(long)}. */
    record AtOffset(long offset) implements Bound {
        public AtOffset {
            if (offset < 0) {
                throw new IllegalArgumentException("offset " + offset + " is negative");
            }
        }
    }

    /** See {@link #time(Instant)}. */
    record AtTime(long timestampMs) implements Bound {}
}
