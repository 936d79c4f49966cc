package io.siltstone.metadata;

import io.siltstone.log.chain.Owner;

/**
 * A live ingest node.
 *
 * @param owner its broker id and this process's incarnation
 * @param host where Kafka clients reach it
 * @param port of the Kafka protocol
 * @param httpAddress URL of its HTTP interface, such as {@code http://10.0.0.7:8080}
 * @param zone its failure domain, Kafka's rack; empty where none is set
 * @param draining it hands its partitions over and takes no new ones
 */
public record IngestNodeImage(Owner owner, String host, int port, String httpAddress, String zone, boolean draining) {

    public int node() {
        return owner.node();
    }

    public IngestNodeImage withDraining(boolean newDraining) {
        return new IngestNodeImage(owner, host, port, httpAddress, zone, newDraining);
    }
}
