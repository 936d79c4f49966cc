package io.siltstone.ingest.partition;

import io.siltstone.log.DiskId;
import io.siltstone.log.SegmentId;
import io.siltstone.log.writer.Replicas;
import java.util.List;
import java.util.function.Consumer;

/** Port: reads of segments by offset on storage disks. Answers come on the event loop that asked. */
@FunctionalInterface
public interface SegmentReads {

    /**
     * Reads whole entries from the one that holds the offset on, to at most {@code lastEntry} and about {@code maxBytes},
     * at least one where the disk has it. The receiver of the answer releases the payloads.
     */
    void read(
            DiskId disk,
            SegmentId segment,
            long offset,
            long lastEntry,
            int maxBytes,
            Consumer<Replicas.Answer<List<Replicas.Entry>>> answer);
}
