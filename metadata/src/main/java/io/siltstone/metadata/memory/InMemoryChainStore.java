package io.siltstone.metadata.memory;

import io.siltstone.log.PartitionId;
import io.siltstone.log.chain.ChainStore;
import io.siltstone.log.chain.PartitionState;
import io.siltstone.log.chain.PartitionStateCodec;
import io.siltstone.metadata.PartitionImage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** The partitions' registers of an {@link InMemoryCluster}; its outcomes are always known. */
final class InMemoryChainStore implements ChainStore {

    private final InMemoryCluster cluster;
    private final Executor loop;

    InMemoryChainStore(InMemoryCluster cluster, Executor loop) {
        this.cluster = cluster;
        this.loop = loop;
    }

    @Override
    public void read(PartitionId partition, Consumer<ReadResult> answer) {
        cluster.execute(() -> {
            ReadResult result = cluster.image()
                    .partition(partition)
                    .<ReadResult>map(known -> new ReadResult.Found(known.state(), known.version()))
                    .orElseGet(ReadResult.Missing::new);
            loop.execute(() -> answer.accept(result));
        });
    }

    @Override
    public void compareAndSet(
            PartitionId partition, int expectedVersion, PartitionState next, Consumer<CasResult> answer) {
        PartitionState stored = PartitionStateCodec.decode(PartitionStateCodec.encode(next));
        cluster.execute(() -> {
            CasResult result = cluster.image()
                    .partition(partition)
                    .filter(known -> known.version() == expectedVersion)
                    .<CasResult>map(known -> {
                        PartitionImage image = new PartitionImage(stored, expectedVersion + 1);
                        cluster.edit(edit -> edit.putPartition(partition, image));
                        return new CasResult.Won(expectedVersion + 1);
                    })
                    .orElseGet(CasResult.Lost::new);
            loop.execute(() -> answer.accept(result));
        });
    }
}
