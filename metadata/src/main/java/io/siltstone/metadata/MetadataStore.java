package io.siltstone.metadata;

import java.util.concurrent.CompletableFuture;

/** Port: all changes of the cluster's metadata but those of a partition, which go through {@code ChainStore}. */
public interface MetadataStore extends TopicStore, Membership, ConfigStore {

    /** A block of producer ids for this process. */
    CompletableFuture<ProducerIdBlock> allocateProducerIds();

    /** The key with which links are signed: 32 random bytes, minted with the cluster. */
    CompletableFuture<byte[]> clusterSecret();
}
