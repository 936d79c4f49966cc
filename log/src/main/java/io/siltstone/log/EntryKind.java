package io.siltstone.log;

/** What an entry's payload is. */
public enum EntryKind {
    /** Kafka record batches (v2), byte for byte as they are served and tiered. */
    BATCHES,
    /** A chunk of the partition's state at the entry's base offset; takes no offset and is never fetched. */
    SNAPSHOT
}
