package io.siltstone.ingest.connection;

import org.apache.kafka.common.protocol.ApiKeys;

/**
 * What a node's unanswered requests may take of its memory: one budget for Produce, another for everything else. So
 * producers who wait for disks, or for the bucket, stop no consumer, no group and no administrator. Any thread.
 *
 * <p>Small requests other than Produce are always let in: the number that a connection has under way bounds them.
 */
public final class RequestMemory {

    private static final int SMALL_BYTES = 64 << 10;
    private static final int OTHER_PARTS = 8;

    private final RequestBudget produce;
    private final RequestBudget other;

    /**
     * Memory of which nothing is taken.
     *
     * @param produceBytes for Produce; the rest gets an eighth of it besides
     */
    public RequestMemory(long produceBytes) {
        this.produce = new RequestBudget(produceBytes);
        this.other = new RequestBudget(Math.max(1, produceBytes / OTHER_PARTS));
    }

    /** For Produce, and for entries that outlive their requests. */
    public RequestBudget produce() {
        return produce;
    }

    /** For all other requests. */
    public RequestBudget other() {
        return other;
    }

    /** The budget that a request counts against. */
    RequestBudget of(short apiKey) {
        return apiKey == ApiKeys.PRODUCE.id ? produce : other;
    }

    /** Whether a request of this kind and size may be read now; if not, its budget tells when. */
    boolean admits(short apiKey, int bytes) {
        RequestBudget budget = of(apiKey);
        return !budget.exhausted() || (budget.equals(other) && bytes <= SMALL_BYTES);
    }
}
