package io.siltstone.tiering.store;

/** What became of a conditional put. A put that the store refused for good fails its future instead. */
public sealed interface PutResult {

    /**
     * The key holds these bytes: this attempt wrote them, or an earlier one whose answer was lost.
     *
     * @param checked the store confirmed a checksum of what it keeps; where false, read back before relying on it
     */
    record Created(boolean checked) implements PutResult {}

    /** The key holds other bytes. */
    record AlreadyThere() implements PutResult {}

    /** The put may have happened, may yet happen, or not; only reading the key tells. */
    record Unknown(String why) implements PutResult {}
}
