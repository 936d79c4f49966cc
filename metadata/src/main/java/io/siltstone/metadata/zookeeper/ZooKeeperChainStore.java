package io.siltstone.metadata.zookeeper;

import io.siltstone.log.PartitionId;
import io.siltstone.log.chain.ChainStore;
import io.siltstone.log.chain.PartitionState;
import io.siltstone.log.chain.PartitionStateCodec;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.ZooKeeper;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The partitions' registers in ZooKeeper. Calls return at once and go through one thread that may wait for a
 * connection; answers come on the loop that was given.
 *
 * <p>It talks to the ZooKeeper handle beneath Curator, whose retries would hide that an attempt's outcome is unknown.
 */
final class ZooKeeperChainStore implements ChainStore {

    private static final Logger LOG = LoggerFactory.getLogger(ZooKeeperChainStore.class);

    /** A znode is meant to stay below this; rolls are made rarer before it gets there. */
    static final int LARGE_BYTES = 64 << 10;

    /** What ZooKeeper takes in one request, with room for the rest of it; more would cost the connection. */
    static final int MAX_BYTES = 960 << 10;

    private final CuratorFramework client;
    private final Znodes znodes;
    private final Executor io;
    private final Executor loop;

    ZooKeeperChainStore(CuratorFramework client, Znodes znodes, Executor io, Executor loop) {
        this.client = client;
        this.znodes = znodes;
        this.io = io;
        this.loop = loop;
    }

    @Override
    public void read(PartitionId partition, Consumer<ReadResult> answer) {
        Consumer<String> unavailable = why -> deliver(answer, new ReadResult.Unavailable(why));
        withHandle(unavailable, zooKeeper -> {
            String path = znodes.partition(partition);
            int[] synced = {Code.SYSTEMERROR.intValue()};
            zooKeeper.sync(path, (code, unused, context) -> synced[0] = code, null);
            zooKeeper.getData(
                    path,
                    false,
                    (code, unused, context, data, stat) -> {
                        if (synced[0] != Code.OK.intValue()) {
                            unavailable.accept("sync: " + Code.get(synced[0]));
                        } else if (code == Code.OK.intValue()) {
                            deliver(answer, decode(partition, data, stat.getVersion()));
                        } else if (code == Code.NONODE.intValue()) {
                            deliver(answer, new ReadResult.Missing());
                        } else {
                            unavailable.accept("read: " + Code.get(code));
                        }
                    },
                    null);
        });
    }

    @Override
    public void compareAndSet(
            PartitionId partition, int expectedVersion, PartitionState next, Consumer<CasResult> answer) {
        byte[] data = PartitionStateCodec.encode(next);
        if (data.length > MAX_BYTES) {
            throw new IllegalStateException(
                    "state of partition " + partition + " has " + data.length + " bytes, ZooKeeper takes " + MAX_BYTES
                            + ": " + next.segments().size() + " segments");
        }
        if (data.length > LARGE_BYTES) {
            LOG.warn(
                    "Znode of partition {} has {} bytes, {} segments are not trimmed yet",
                    partition,
                    data.length,
                    next.segments().size());
        }
        Consumer<String> unknown = why -> deliver(answer, new CasResult.Unknown(why));
        withHandle(
                unknown,
                zooKeeper -> zooKeeper.setData(
                        znodes.partition(partition),
                        data,
                        expectedVersion,
                        (code, path, context, stat) -> {
                            if (code == Code.OK.intValue()) {
                                deliver(answer, new CasResult.Won(stat.getVersion()));
                            } else if (code == Code.BADVERSION.intValue() || code == Code.NONODE.intValue()) {
                                deliver(answer, new CasResult.Lost());
                            } else {
                                unknown.accept(String.valueOf(Code.get(code)));
                            }
                        },
                        null));
    }

    private void withHandle(Consumer<String> failed, Consumer<ZooKeeper> operation) {
        try {
            io.execute(() -> {
                ZooKeeper handle = handle();
                if (handle == null) {
                    failed.accept("no connection to ZooKeeper");
                } else {
                    operation.accept(handle);
                }
            });
        } catch (RejectedExecutionException closedOrFull) {
            failed.accept("the metadata store is closed or overloaded");
        }
    }

    private @Nullable ZooKeeper handle() {
        try {
            return client.getZookeeperClient().getZooKeeper();
        } catch (Exception noConnection) {
            LOG.debug("No handle to ZooKeeper", noConnection);
            return null;
        }
    }

    private static ReadResult decode(PartitionId partition, byte[] data, int version) {
        try {
            return new ReadResult.Found(PartitionStateCodec.decode(data), version);
        } catch (IllegalArgumentException unreadable) {
            LOG.error("Znode of partition {} version {} cannot be read", partition, version, unreadable);
            return new ReadResult.Unavailable(String.valueOf(unreadable.getMessage()));
        }
    }

    private <T> void deliver(Consumer<T> answer, T result) {
        try {
            loop.execute(() -> answer.accept(result));
        } catch (RejectedExecutionException loopIsOver) {
            LOG.debug("The loop that asked is over; {} is dropped", result);
        }
    }
}
