package io.siltstone.metadata;

import io.siltstone.log.DiskId;
import java.util.Set;
import java.util.UUID;

/**
 * The mark of a deleted topic (rule 14): the positive fact on which disks and the bucket drop what they hold of it.
 *
 * @param partitionCount how many partitions it had
 * @param deletedMs wall clock of the deletion
 * @param droppedBy the disks that have confirmed that they hold nothing of it any more
 */
public record DeletedTopicImage(String name, UUID id, int partitionCount, long deletedMs, Set<DiskId> droppedBy) {

    public DeletedTopicImage {
        droppedBy = Set.copyOf(droppedBy);
    }

    public DeletedTopicImage withDroppedBy(Set<DiskId> disks) {
        return new DeletedTopicImage(name, id, partitionCount, deletedMs, disks);
    }
}
