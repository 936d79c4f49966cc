package io.siltstone.format;

/** The first offset that was written in an epoch, Kafka's leader epoch. */
public record EpochStart(int epoch, long startOffset) {

    public EpochStart {
        if (epoch < 0 || startOffset < 0) {
            throw new IllegalArgumentException("epoch " + epoch + " from offset " + startOffset);
        }
    }
}
