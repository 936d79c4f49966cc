package io.siltstone.metadata.zookeeper;

import io.siltstone.log.DiskId;
import io.siltstone.log.PartitionId;
import io.siltstone.log.chain.Owner;
import io.siltstone.log.chain.PartitionStateCodec;
import io.siltstone.metadata.DeletedTopicImage;
import io.siltstone.metadata.ImageEdit;
import io.siltstone.metadata.IngestNodeImage;
import io.siltstone.metadata.PartitionImage;
import io.siltstone.metadata.StorageDiskImage;
import io.siltstone.metadata.TopicImage;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns what is seen of znodes into edits of the image. Confined to the publisher's thread. Remembers only what an image
 * does not tell: which znode a live node came from, and which of several came last.
 *
 * <p>A znode that cannot be read leaves the image as it was, and an error in the log.
 */
final class ImageAssembler {

    private static final Logger LOG = LoggerFactory.getLogger(ImageAssembler.class);

    private final String root;
    private final Map<String, TopicImage> topics = new HashMap<>();
    private final Map<UUID, Set<DiskId>> droppedBy = new HashMap<>();
    private final Map<String, Seen<IngestNodeImage>> ingestNodes = new HashMap<>();
    private final Map<DiskId, StorageDiskImage> disks = new HashMap<>();
    private final Map<String, Seen<StorageDiskImage>> liveDisks = new HashMap<>();
    private final TreeMap<String, Owner> candidates = new TreeMap<>();

    ImageAssembler(String root) {
        this.root = root;
    }

    /**
     * Takes in one znode.
     *
     * @param data null where the znode is gone
     * @param version of the data
     * @param created the zxid of its creation
     */
    void apply(ImageEdit edit, String path, byte @Nullable [] data, int version, long created) {
        if (path.length() <= root.length()) {
            return;
        }
        String[] names = path.substring(root.length() + 1).split("/", -1);
        try {
            if (names.length == 2) {
                child(edit, names[0], names[1], data, created);
            } else if (names.length == 3) {
                grandchild(edit, names[0], UUID.fromString(names[1]), names[2], data, version);
            }
        } catch (IllegalArgumentException unreadable) {
            LOG.error("Znode {} cannot be read and is left out", path, unreadable);
        }
    }

    private void child(ImageEdit edit, String folder, String name, byte @Nullable [] data, long created) {
        switch (folder) {
            case "topics" -> topic(edit, name, data);
            case "deleted" -> deletedTopic(edit, UUID.fromString(name), data);
            case "ingest" -> ingestNode(edit, name, data, created);
            case "disks" -> disk(edit, DiskId.parse(name), data);
            case "live" -> liveDisk(edit, name, data, created);
            case "controller" -> candidate(edit, name, data);
            case "configs" -> configs(edit, name, data);
            default -> LOG.debug("Znode {} of {} is of no interest", name, folder);
        }
    }

    private void grandchild(
            ImageEdit edit, String folder, UUID topic, String name, byte @Nullable [] data, int version) {
        if (folder.equals("partitions")) {
            PartitionId partition = new PartitionId(topic, Integer.parseInt(name));
            if (data == null) {
                edit.removePartition(partition);
            } else {
                edit.putPartition(partition, new PartitionImage(PartitionStateCodec.decode(data), version));
            }
        } else if (folder.equals("deleted")) {
            Set<DiskId> disksOfTopic = droppedBy.computeIfAbsent(topic, unused -> new HashSet<>());
            if (data == null) {
                disksOfTopic.remove(DiskId.parse(name));
            } else {
                disksOfTopic.add(DiskId.parse(name));
            }
            DeletedTopicImage known = edit.deletedTopic(topic);
            if (known != null) {
                edit.putDeletedTopic(known.withDroppedBy(disksOfTopic));
            }
        }
    }

    private void topic(ImageEdit edit, String name, byte @Nullable [] data) {
        TopicImage topic = data == null ? null : ZnodeCodec.topic(data);
        TopicImage old = topic == null ? topics.remove(name) : topics.put(name, topic);
        if (old != null && (topic == null || !old.id().equals(topic.id()))) {
            edit.removeTopic(old.id());
        }
        if (topic != null) {
            edit.putTopic(topic);
        }
    }

    private void deletedTopic(ImageEdit edit, UUID id, byte @Nullable [] data) {
        if (data == null) {
            droppedBy.remove(id);
            edit.removeDeletedTopic(id);
        } else {
            Set<DiskId> confirmed = droppedBy.getOrDefault(id, Set.of());
            edit.putDeletedTopic(ZnodeCodec.deletedTopic(id, data).withDroppedBy(confirmed));
        }
    }

    private void ingestNode(ImageEdit edit, String name, byte @Nullable [] data, long created) {
        if (data != null) {
            IngestNodeImage node = ZnodeCodec.ingestNode(data);
            ingestNodes.put(name, new Seen<>(node, created));
            showIngestNode(edit, node.node());
            return;
        }
        Seen<IngestNodeImage> old = ingestNodes.remove(name);
        if (old != null) {
            showIngestNode(edit, old.value().node());
        }
    }

    private void showIngestNode(ImageEdit edit, int id) {
        ingestNodes.values().stream()
                .filter(seen -> seen.value().node() == id)
                .max(Comparator.comparingLong(Seen::created))
                .ifPresentOrElse(newest -> edit.putIngestNode(newest.value()), () -> edit.removeIngestNode(id));
    }

    private void disk(ImageEdit edit, DiskId id, byte @Nullable [] data) {
        if (data == null) {
            disks.remove(id);
        } else {
            disks.put(id, ZnodeCodec.storageDisk(data, false));
        }
        showDisk(edit, id);
    }

    private void liveDisk(ImageEdit edit, String name, byte @Nullable [] data, long created) {
        if (data != null) {
            StorageDiskImage disk = ZnodeCodec.storageDisk(data, true);
            liveDisks.put(name, new Seen<>(disk, created));
            showDisk(edit, disk.disk());
            return;
        }
        Seen<StorageDiskImage> old = liveDisks.remove(name);
        if (old != null) {
            showDisk(edit, old.value().disk());
        }
    }

    private void showDisk(ImageEdit edit, DiskId id) {
        StorageDiskImage newest = liveDisks.values().stream()
                .filter(seen -> seen.value().disk().equals(id))
                .max(Comparator.comparingLong(Seen::created))
                .map(Seen::value)
                .orElse(disks.get(id));
        if (newest == null) {
            edit.removeStorageDisk(id);
        } else {
            edit.putStorageDisk(newest);
        }
    }

    /** The candidate whose znode has the lowest sequence number is controller. */
    private void candidate(ImageEdit edit, String name, byte @Nullable [] data) {
        String sequence = name.substring(name.lastIndexOf('-') + 1);
        if (data == null) {
            candidates.remove(sequence);
        } else {
            candidates.put(sequence, ElectionCandidate.parse(new String(data, StandardCharsets.UTF_8)));
        }
        edit.setController(candidates.isEmpty() ? null : candidates.firstEntry().getValue());
    }

    private static void configs(ImageEdit edit, String name, byte @Nullable [] data) {
        Map<String, String> configs = data == null ? Map.of() : ZnodeCodec.configs(data);
        if (name.equals("cluster")) {
            edit.setClusterConfigs(configs);
        } else {
            edit.setBrokerConfigs(Integer.parseInt(name), configs);
        }
    }

    private record Seen<T>(T value, long created) {}
}
