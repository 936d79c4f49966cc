package io.siltstone.log.chain;

/**
 * How many disks a segment is written to, and how many must have fsynced an entry before it is acknowledged.
 *
 * @param write at least the ack quorum
 * @param ack at least a majority of the write quorum
 */
public record Quorum(int write, int ack) {

    public Quorum {
        if (write < 1 || ack > write || ack < majority(write)) {
            throw new IllegalArgumentException("ack quorum " + ack + " of write quorum " + write
                    + ": it must be at least a majority and at most the write quorum");
        }
    }

    public static int majority(int write) {
        return write / 2 + 1;
    }

    /** The quorum of a topic's replication factor and min.insync.replicas, the latter moved into its limits. */
    public static Quorum of(int replicationFactor, int minInsyncReplicas) {
        return new Quorum(
                replicationFactor,
                Math.max(majority(replicationFactor), Math.min(replicationFactor, minInsyncReplicas)));
    }

    @Override
    public String toString() {
        return ack + " of " + write;
    }
}
