package io.siltstone.cli.topics;

/** The ingest nodes as whoever seals a topic sees them: each partition is answered for by its owner, or by nobody. */
interface SegmentOwners {

    /** Where each segment lies, by partition and offset, as far as it was told. */
    TopicSegments segments(String topic) throws InterruptedException;

    /** An earlier look with what is told by now of the partitions that it left unanswered; nobody is asked for others. */
    TopicSegments complete(String topic, TopicSegments earlier) throws InterruptedException;

    /**
     * Closes the open segments that hold records.
     *
     * @return the partitions that were not reached
     */
    Unanswered seal(String topic) throws InterruptedException;
}
