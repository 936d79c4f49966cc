package io.siltstone.cli.bench;

import java.util.Locale;

/** What the bench can do to a cluster. */
public enum Workload {
    /** Producers as fast as they go. */
    PRODUCE,
    /** The same, with a consumer at the tail. */
    TAIL,
    /** A fixed pace without linger, from send to arrival at a consumer. */
    END_TO_END,
    /** A consumer that reads everything from the beginning. */
    BACKLOG;

    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
