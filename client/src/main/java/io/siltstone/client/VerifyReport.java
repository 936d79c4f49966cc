package io.siltstone.client;

/**
 * What a check without a fault went through.
 *
 * @param roots manifest roots of the hash chains
 * @param objects segment objects, every byte of them
 * @param bytes of those objects
 * @param batches whose own CRC was checked
 * @param offsets that the objects stand for
 */
public record VerifyReport(int partitions, long roots, long objects, long bytes, long batches, long offsets) {

    static final VerifyReport NOTHING = new VerifyReport(0, 0, 0, 0, 0, 0);

    VerifyReport plus(VerifyReport other) {
        return new VerifyReport(
                partitions + other.partitions,
                roots + other.roots,
                objects + other.objects,
                bytes + other.bytes,
                batches + other.batches,
                offsets + other.offsets);
    }
}
