package io.siltstone.log.chain;

/**
 * One process of an ingest node. A restart is another incarnation, so another owner (rule 5).
 *
 * @param node Kafka's broker id
 * @param incarnation drawn at random when the process starts
 */
public record Owner(int node, long incarnation) {

    @Override
    public String toString() {
        return node + "#" + Long.toHexString(incarnation);
    }
}
