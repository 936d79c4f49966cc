package io.siltstone.client;

import org.apache.kafka.clients.consumer.ConsumerRecord;

/** How fast a replay gives out records. */
public sealed interface Pace {

    /** As fast as they come. */
    static Pace asFast() {
        return new AsFast();
    }

    static Pace recordsPerSecond(double records) {
        return new PerSecond(records);
    }

    /** So many times as fast as the records' own timestamps tell; 1 for the original speed. */
    static Pace timesOriginalSpeed(double factor) {
        return new OriginalSpeed(factor);
    }

    /**
     * When a record is due, in nanoseconds after the first one.
     *
     * @param given how many records were given out before
     * @param firstTimestamp that of the first record given out, in milliseconds
     */
    long dueNanos(long given, long firstTimestamp, ConsumerRecord<?, ?> next);

    /** No limit. */
    record AsFast() implements Pace {
        @Override
        public long dueNanos(long given, long firstTimestamp, ConsumerRecord<?, ?> next) {
            return 0;
        }
    }

    /** A steady rate. */
    record PerSecond(double records) implements Pace {
        public PerSecond {
            if (!(records > 0)) {
                throw new IllegalArgumentException(records + " records per second never end");
            }
        }

        @Override
        public long dueNanos(long given, long firstTimestamp, ConsumerRecord<?, ?> next) {
            return (long) (given * 1e9 / records);
        }
    }

    /** The rhythm of the records' timestamps; one that lies before the first is due at once. */
    record OriginalSpeed(double factor) implements Pace {
        public OriginalSpeed {
            if (!(factor > 0)) {
                throw new IllegalArgumentException("at " + factor + " times the original speed a replay never ends");
            }
        }

        @Override
        public long dueNanos(long given, long firstTimestamp, ConsumerRecord<?, ?> next) {
            return (long) ((next.timestamp() - firstTimestamp) * 1e6 / factor);
        }
    }
}
