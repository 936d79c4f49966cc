package io.siltstone.cli.topics;

/** The ingest nodes as whoever seals a topic sees them: each partition is answered for by its owner, or by nobody. */
interface SegmentOwners {

    /** Where each segment lies, by partition and offset, as far as it was told. */
    TopicSegments segments(String topic) throws InterruptedException;

    /**
     * Closes the open segments that hold records.
     *
     * @return the partitions that were not reached
     */
    Unanswered seal(String topic) throws InterruptedException;
}
