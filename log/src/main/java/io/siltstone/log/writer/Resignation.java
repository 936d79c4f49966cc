package io.siltstone.log.writer;

/** Why a partition's log has stopped for good. The fate of what was not confirmed is unknown, but after a release. */
public enum Resignation {
    /** A storage disk said that a later epoch fenced the segment. */
    FENCED,
    /** The znode names another owner. */
    LOST,
    /** Handed over on request: everything confirmed is in closed segments, everything else is gone. */
    RELEASED,
    /** The topic is no more. */
    DELETED,
    /** This process gave it up, its session being lost or the process stopping. */
    CLOSED
}
