package io.siltstone.log.writer;

/** How a change of the owned znode ended. */
public enum UpdateResult {
    /** The znode holds the change. */
    DONE,
    /** Another owner's word counts by now; whether the change happened before that is not known. */
    NOT_OWNER
}
