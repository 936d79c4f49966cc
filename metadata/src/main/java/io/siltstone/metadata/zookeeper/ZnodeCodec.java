package io.siltstone.metadata.zookeeper;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.siltstone.log.DiskId;
import io.siltstone.log.chain.Owner;
import io.siltstone.metadata.DeletedTopicImage;
import io.siltstone.metadata.DiskRoom;
import io.siltstone.metadata.IngestNodeImage;
import io.siltstone.metadata.StorageDiskImage;
import io.siltstone.metadata.TopicImage;
import io.siltstone.metadata.zookeeper.proto.ClusterZnode;
import io.siltstone.metadata.zookeeper.proto.ConfigsZnode;
import io.siltstone.metadata.zookeeper.proto.DeletedTopicZnode;
import io.siltstone.metadata.zookeeper.proto.IngestNodeZnode;
import io.siltstone.metadata.zookeeper.proto.ProducerIdsZnode;
import io.siltstone.metadata.zookeeper.proto.StorageDiskZnode;
import io.siltstone.metadata.zookeeper.proto.TopicZnode;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.ToIntFunction;

/**
 * The bytes of every znode but the partitions', as docs/formats/znodes.md describes them. Decoding fails with {@link
 * IllegalArgumentException} where the bytes are not of a format known here.
 */
final class ZnodeCodec {

    static final int FORMAT = 1;

    private ZnodeCodec() {}

    static byte[] cluster(String clusterId, long createdMs, byte[] secret) {
        return ClusterZnode.newBuilder()
                .setFormat(FORMAT)
                .setClusterId(clusterId)
                .setCreatedMs(createdMs)
                .setSecret(ByteString.copyFrom(secret))
                .build()
                .toByteArray();
    }

    static ClusterZnode cluster(byte[] bytes) {
        return parse("cluster", bytes, ClusterZnode.parser(), ClusterZnode::getFormat);
    }

    static byte[] topic(TopicImage topic) {
        return TopicZnode.newBuilder()
                .setFormat(FORMAT)
                .setName(topic.name())
                .setIdHigh(topic.id().getMostSignificantBits())
                .setIdLow(topic.id().getLeastSignificantBits())
                .setPartitionCount(topic.partitionCount())
                .putAllConfigs(topic.configs())
                .setCreatedMs(topic.createdMs())
                .build()
                .toByteArray();
    }

    static TopicImage topic(byte[] bytes) {
        TopicZnode znode = parse("topic", bytes, TopicZnode.parser(), TopicZnode::getFormat);
        return new TopicImage(
                znode.getName(),
                new UUID(znode.getIdHigh(), znode.getIdLow()),
                znode.getPartitionCount(),
                znode.getConfigsMap(),
                znode.getCreatedMs());
    }

    static byte[] deletedTopic(DeletedTopicImage topic) {
        return DeletedTopicZnode.newBuilder()
                .setFormat(FORMAT)
                .setName(topic.name())
                .setPartitionCount(topic.partitionCount())
                .setDeletedMs(topic.deletedMs())
                .build()
                .toByteArray();
    }

    static DeletedTopicImage deletedTopic(UUID id, byte[] bytes) {
        DeletedTopicZnode znode =
                parse("deleted topic", bytes, DeletedTopicZnode.parser(), DeletedTopicZnode::getFormat);
        return new DeletedTopicImage(znode.getName(), id, znode.getPartitionCount(), znode.getDeletedMs(), Set.of());
    }

    static byte[] ingestNode(IngestNodeImage node) {
        return IngestNodeZnode.newBuilder()
                .setFormat(FORMAT)
                .setNode(node.owner().node())
                .setIncarnation(node.owner().incarnation())
                .setHost(node.host())
                .setPort(node.port())
                .setHttpAddress(node.httpAddress())
                .setZone(node.zone())
                .setDraining(node.draining())
                .build()
                .toByteArray();
    }

    static IngestNodeImage ingestNode(byte[] bytes) {
        IngestNodeZnode znode = parse("ingest node", bytes, IngestNodeZnode.parser(), IngestNodeZnode::getFormat);
        return new IngestNodeImage(
                new Owner(znode.getNode(), znode.getIncarnation()),
                znode.getHost(),
                znode.getPort(),
                znode.getHttpAddress(),
                znode.getZone(),
                znode.getDraining());
    }

    static byte[] storageDisk(StorageDiskImage disk) {
        return StorageDiskZnode.newBuilder()
                .setFormat(FORMAT)
                .setDiskHigh(disk.disk().value().getMostSignificantBits())
                .setDiskLow(disk.disk().value().getLeastSignificantBits())
                .setIncarnation(disk.incarnation())
                .setNode(disk.node())
                .setHost(disk.host())
                .setPort(disk.port())
                .setHttpAddress(disk.httpAddress())
                .setZone(disk.zone())
                .setWritable(disk.writable())
                .setFreeBytes(disk.room().freeBytes())
                .setCapacityBytes(disk.room().capacityBytes())
                .build()
                .toByteArray();
    }

    static StorageDiskImage storageDisk(byte[] bytes, boolean live) {
        StorageDiskZnode znode = parse("storage disk", bytes, StorageDiskZnode.parser(), StorageDiskZnode::getFormat);
        return new StorageDiskImage(
                new DiskId(new UUID(znode.getDiskHigh(), znode.getDiskLow())),
                znode.getIncarnation(),
                znode.getNode(),
                znode.getHost(),
                znode.getPort(),
                znode.getHttpAddress(),
                znode.getZone(),
                znode.getWritable(),
                new DiskRoom(znode.getFreeBytes(), znode.getCapacityBytes()),
                live);
    }

    static byte[] producerIds(long next) {
        return ProducerIdsZnode.newBuilder()
                .setFormat(FORMAT)
                .setNext(next)
                .build()
                .toByteArray();
    }

    static long producerIds(byte[] bytes) {
        return parse("producer ids", bytes, ProducerIdsZnode.parser(), ProducerIdsZnode::getFormat)
                .getNext();
    }

    static byte[] configs(Map<String, String> configs) {
        return ConfigsZnode.newBuilder()
                .setFormat(FORMAT)
                .putAllConfigs(configs)
                .build()
                .toByteArray();
    }

    static Map<String, String> configs(byte[] bytes) {
        return Map.copyOf(parse("configs", bytes, ConfigsZnode.parser(), ConfigsZnode::getFormat)
                .getConfigsMap());
    }

    private static <M extends Message> M parse(String what, byte[] bytes, Parser<M> parser, ToIntFunction<M> formatOf) {
        try {
            M message = parser.parseFrom(bytes);
            int format = formatOf.applyAsInt(message);
            if (format != FORMAT) {
                throw new IllegalArgumentException(
                        what + " znode has format " + format + ", this version reads " + FORMAT);
            }
            return message;
        } catch (InvalidProtocolBufferException notAZnode) {
            throw new IllegalArgumentException(what + " znode is not readable: " + notAZnode.getMessage(), notAZnode);
        }
    }
}
