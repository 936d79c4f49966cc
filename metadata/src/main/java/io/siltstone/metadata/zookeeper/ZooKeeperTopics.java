package io.siltstone.metadata.zookeeper;

import io.siltstone.log.DiskId;
import io.siltstone.log.PartitionId;
import io.siltstone.log.chain.PartitionState;
import io.siltstone.log.chain.PartitionStateCodec;
import io.siltstone.metadata.DeletedTopicImage;
import io.siltstone.metadata.MetadataException;
import io.siltstone.metadata.PartitionReading;
import io.siltstone.metadata.TopicImage;
import io.siltstone.metadata.TopicNames;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.api.transaction.CuratorOp;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.Stat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Topics as znodes. Blocking; called on the store's threads.
 *
 * <p>A topic is there when its znode under {@code /topics} is: the partitions' znodes come before it in as many multis
 * as it takes, and a deletion's mark takes its place in one multi. So each step may be repeated, and what a crash leaves
 * behind is never seen.
 */
final class ZooKeeperTopics {

    private static final Logger LOG = LoggerFactory.getLogger(ZooKeeperTopics.class);

    /** Far below what one ZooKeeper request may hold. */
    private static final int BATCH = 500;

    private final CuratorFramework client;
    private final Znodes znodes;

    ZooKeeperTopics(CuratorFramework client, Znodes znodes) {
        this.client = client;
        this.znodes = znodes;
    }

    TopicImage create(String name, int partitions, Map<String, String> configs) throws Exception {
        TopicNames.check(name);
        if (partitions < 1) {
            throw new MetadataException.Invalid("topic '" + name + "' cannot have " + partitions + " partitions");
        }
        if (client.checkExists().forPath(znodes.topic(name)) != null) {
            throw taken(name);
        }
        TopicImage topic = new TopicImage(name, UUID.randomUUID(), partitions, configs, System.currentTimeMillis());
        createIfAbsent(znodes.partitions(topic.id()), name.getBytes(StandardCharsets.UTF_8));
        createPartitionZnodes(topic.id(), 0, partitions);
        try {
            client.create().forPath(znodes.topic(name), ZnodeCodec.topic(topic));
        } catch (KeeperException.NodeExistsException someones) {
            if (!readTopic(name).topic().id().equals(topic.id())) {
                removePartitionZnodes(topic.id());
                throw taken(name);
            }
        }
        return topic;
    }

    TopicImage createPartitions(UUID id, int newCount) throws Exception {
        for (boolean first = true; ; first = false) {
            VersionedTopic found = find(id);
            TopicImage topic = found.topic();
            if (topic.partitionCount() == newCount && !first) {
                return topic;
            }
            if (newCount <= topic.partitionCount()) {
                throw new MetadataException.Invalid("topic '" + topic.name() + "' has " + topic.partitionCount()
                        + " partitions already, it cannot get " + newCount);
            }
            createPartitionZnodes(id, topic.partitionCount(), newCount);
            TopicImage grown = topic.withPartitionCount(newCount);
            if (replace(grown, found.version())) {
                return grown;
            }
        }
    }

    TopicImage alterConfigs(UUID id, UnaryOperator<Map<String, String>> change) throws Exception {
        while (true) {
            VersionedTopic found = find(id);
            TopicImage altered =
                    found.topic().withConfigs(change.apply(found.topic().configs()));
            if (altered.equals(found.topic()) || replace(altered, found.version())) {
                return altered;
            }
        }
    }

    void delete(UUID id) throws Exception {
        boolean marked = marked(id);
        while (!marked) {
            marked = mark(find(id)) || marked(id);
        }
        removePartitionZnodes(id);
    }

    private boolean mark(VersionedTopic found) throws Exception {
        TopicImage topic = found.topic();
        DeletedTopicImage mark = new DeletedTopicImage(
                topic.name(), topic.id(), topic.partitionCount(), System.currentTimeMillis(), Set.of());
        try {
            client.transaction()
                    .forOperations(List.of(
                            client.transactionOp()
                                    .create()
                                    .forPath(znodes.deletedTopic(topic.id()), ZnodeCodec.deletedTopic(mark)),
                            client.transactionOp()
                                    .delete()
                                    .withVersion(found.version())
                                    .forPath(znodes.topic(topic.name()))));
            return true;
        } catch (KeeperException.NodeExistsException
                | KeeperException.BadVersionException
                | KeeperException.NoNodeException raced) {
            return false;
        }
    }

    PartitionReading read(PartitionId partition) throws Exception {
        String path = znodes.partition(partition);
        client.sync().forPath(path);
        if (marked(partition.topic())) {
            return new PartitionReading.Deleted();
        }
        try {
            Stat stat = new Stat();
            PartitionState state = PartitionStateCodec.decode(
                    client.getData().storingStatIn(stat).forPath(path));
            return new PartitionReading.Found(state, stat.getVersion());
        } catch (KeeperException.NoNodeException gone) {
            return marked(partition.topic()) ? new PartitionReading.Deleted() : new PartitionReading.Absent();
        }
    }

    void confirmDropped(UUID topic, DiskId disk) throws Exception {
        try {
            createIfAbsent(znodes.droppedBy(topic, disk), new byte[0]);
        } catch (KeeperException.NoNodeException noMarkAnyMore) {
            LOG.debug("Deleted topic {} is forgotten already", topic);
        }
    }

    void forget(UUID topic) throws Exception {
        List<String> confirmed;
        try {
            confirmed = client.getChildren().forPath(znodes.deletedTopic(topic));
        } catch (KeeperException.NoNodeException forgottenAlready) {
            return;
        }
        List<String> missing = new ArrayList<>(client.getChildren().forPath(znodes.disks()));
        missing.removeAll(confirmed);
        if (!missing.isEmpty()) {
            throw new MetadataException.Invalid("the mark of deleted topic " + topic + " stays until disks " + missing
                    + " have confirmed that they dropped it");
        }
        List<CuratorOp> operations = new ArrayList<>();
        for (String disk : confirmed) {
            operations.add(client.transactionOp().delete().forPath(znodes.deletedTopic(topic) + "/" + disk));
        }
        operations.add(client.transactionOp().delete().forPath(znodes.deletedTopic(topic)));
        client.transaction().forOperations(operations);
    }

    /** Takes away the partitions of a topic that is marked deleted or never came to be. */
    void removePartitionZnodes(UUID topic) throws Exception {
        String folder = znodes.partitions(topic);
        List<String> partitions;
        try {
            partitions = client.getChildren().forPath(folder);
        } catch (KeeperException.NoNodeException gone) {
            return;
        }
        for (int from = 0; from < partitions.size(); from += BATCH) {
            List<CuratorOp> operations = new ArrayList<>();
            for (String partition : partitions.subList(from, Math.min(from + BATCH, partitions.size()))) {
                operations.add(client.transactionOp().delete().forPath(folder + "/" + partition));
            }
            try {
                client.transaction().forOperations(operations);
            } catch (KeeperException.NoNodeException anotherHelps) {
                removePartitionZnodes(topic);
                return;
            }
        }
        client.delete().quietly().forPath(folder);
    }

    /** Whether the topic's name leads to it, behind a sync. */
    boolean exists(UUID id) throws Exception {
        client.sync().forPath(znodes.topics());
        try {
            find(id);
            return true;
        } catch (MetadataException.NotFound none) {
            return false;
        }
    }

    private void createPartitionZnodes(UUID topic, int from, int to) throws Exception {
        byte[] initial = PartitionStateCodec.encode(PartitionState.initial());
        for (int first = from; first < to; first += BATCH) {
            List<CuratorOp> operations = new ArrayList<>();
            for (int partition = first; partition < Math.min(first + BATCH, to); partition++) {
                operations.add(client.transactionOp()
                        .create()
                        .forPath(znodes.partition(new PartitionId(topic, partition)), initial));
            }
            try {
                client.transaction().forOperations(operations);
            } catch (KeeperException.NodeExistsException some) {
                for (int partition = first; partition < Math.min(first + BATCH, to); partition++) {
                    createIfAbsent(znodes.partition(new PartitionId(topic, partition)), initial);
                }
            }
        }
    }

    private void createIfAbsent(String path, byte[] data) throws Exception {
        try {
            client.create().forPath(path, data);
        } catch (KeeperException.NodeExistsException there) {
            LOG.debug("{} is there already", path);
        }
    }

    private boolean replace(TopicImage topic, int version) throws Exception {
        try {
            client.setData().withVersion(version).forPath(znodes.topic(topic.name()), ZnodeCodec.topic(topic));
            return true;
        } catch (KeeperException.BadVersionException raced) {
            return false;
        } catch (KeeperException.NoNodeException deleted) {
            throw notFound(topic.id());
        }
    }

    /** The partitions' folder tells the topic's name. */
    private VersionedTopic find(UUID id) throws Exception {
        try {
            String name = new String(client.getData().forPath(znodes.partitions(id)), StandardCharsets.UTF_8);
            VersionedTopic found = readTopic(name);
            if (found.topic().id().equals(id)) {
                return found;
            }
        } catch (KeeperException.NoNodeException gone) {
            throw notFound(id);
        }
        throw notFound(id);
    }

    private VersionedTopic readTopic(String name) throws Exception {
        Stat stat = new Stat();
        TopicImage topic = ZnodeCodec.topic(client.getData().storingStatIn(stat).forPath(znodes.topic(name)));
        return new VersionedTopic(topic, stat.getVersion());
    }

    private boolean marked(UUID topic) throws Exception {
        return client.checkExists().forPath(znodes.deletedTopic(topic)) != null;
    }

    private static MetadataException notFound(UUID topic) {
        return new MetadataException.NotFound("there is no topic with id " + topic);
    }

    private static MetadataException taken(String name) {
        return new MetadataException.TopicExists(
                "topic '" + name + "', or one whose name collides with it, exists already");
    }

    private record VersionedTopic(TopicImage topic, int version) {}
}
