package io.siltstone.cli.demo;

import org.jspecify.annotations.Nullable;

/**
 * How often one kind of fault was found, and where first.
 *
 * @param first null where there is none
 */
record Fault(long count, @Nullable Place first) {
    static final Fault NONE = new Fault(0, null);

    /** This and one more at that place. */
    Fault at(Place place) {
        return new Fault(count + 1, first == null ? place : first);
    }

    Fault plus(Fault other) {
        return new Fault(count + other.count, first == null ? other.first : first);
    }
}
