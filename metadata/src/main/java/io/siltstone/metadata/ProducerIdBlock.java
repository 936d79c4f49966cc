package io.siltstone.metadata;

/**
 * Producer ids that nobody else was or will be given.
 *
 * @param first the first of them
 * @param size how many
 */
public record ProducerIdBlock(long first, int size) {

    public static final int SIZE = 1000;

    public ProducerIdBlock {
        if (first < 0 || size < 1) {
            throw new IllegalArgumentException("producer ids from " + first + ", " + size + " of them");
        }
    }
}
