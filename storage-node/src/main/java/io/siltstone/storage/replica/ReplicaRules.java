package io.siltstone.storage.replica;

/**
 * The decisions on which rules 1 and 2 of the log rest, one method each, so that a simulation can put a wrong one in
 * their place and prove that it is found. What ships uses this class as it is.
 */
public class ReplicaRules {

    /**
     * Rule 1: how far an answer may reach.
     *
     * @param taken the last that was accepted
     * @param fsynced the last that is fsynced with everything before it
     */
    public long answerable(long taken, long fsynced) {
        return fsynced;
    }

    /** Rule 2: whether the segment refuses its writer everything, also a repeat of what it holds. */
    public boolean refusesWriter(boolean fenced) {
        return fenced;
    }
}
