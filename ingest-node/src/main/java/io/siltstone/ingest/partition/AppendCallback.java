package io.siltstone.ingest.partition;

/** Hears what became of one append; called once, on the partition's event loop. */
public interface AppendCallback {

    /**
     * The batch is acknowledged by the ack quorum and visible.
     *
     * @param baseOffset of its first record
     * @param logAppendTimeMs the time that the records got; -1 where they kept their own
     * @param logStartOffset of the partition
     */
    void appended(long baseOffset, long logAppendTimeMs, long logStartOffset);

    /**
     * It was refused, or its fate is unknown (a time-out, a lost partition).
     *
     * @param why one of Kafka's exceptions
     */
    void failed(RuntimeException why);

    /**
     * It waited in vain and was not appended. Before it comes again, nothing that its sender sent after it may be appended
     * here.
     */
    default void givenUp(RuntimeException why) {
        failed(why);
    }

    /** What has not been appended yet need not be: nobody waits for the answer, and its sender counts it as not sent. */
    default boolean isPointless() {
        return false;
    }
}
