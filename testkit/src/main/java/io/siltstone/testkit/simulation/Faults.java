package io.siltstone.testkit.simulation;

import java.util.SplittableRandom;

/**
 * How often what goes wrong in one run, drawn from its seed so that runs differ in character.
 *
 * @param casUnknown chance that a compare-and-set ends unknown
 * @param readUnavailable chance that a read of the metadata store fails
 * @param breakLink chance, per round of faults, that one link breaks
 * @param crashNode that one storage node stops
 * @param powerLoss that such a stop loses what was not fsynced
 * @param failFsync that a fsync fails
 * @param takeOver that another owner claims the partition
 * @param killOwner that the owner before it is killed and not just outlived
 * @param pauseOwner that an owner stands still for a while
 * @param killDisk that one disk dies for good, and an empty one takes its place
 * @param maxDelayMicros of a message
 */
record Faults(
        double casUnknown,
        double readUnavailable,
        double breakLink,
        double crashNode,
        double powerLoss,
        double failFsync,
        double takeOver,
        double killOwner,
        double pauseOwner,
        double killDisk,
        long maxDelayMicros) {

    static Faults draw(SplittableRandom random) {
        return new Faults(
                random.nextDouble(0.25),
                random.nextDouble(0.1),
                random.nextDouble(0.25),
                random.nextDouble(0.2),
                random.nextDouble(1),
                random.nextInt(3) == 0 ? random.nextDouble(0.02) : 0,
                random.nextDouble(0.15),
                random.nextDouble(0.7),
                random.nextDouble(0.1),
                random.nextInt(2) == 0 ? 0.05 : 0,
                1_000 + random.nextLong(60_000));
    }
}
