package io.siltstone.storage;

import io.siltstone.log.DiskId;
import io.siltstone.metadata.DiskRoom;
import io.siltstone.metadata.Membership;
import io.siltstone.storage.server.StorageServer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the cluster whether the disk takes appends and how much more, whenever that is news: ingest nodes slow their
 * producers by it. Owned by one thread, which calls {@link #tell} periodically.
 */
final class RoomReport {

    private static final Logger LOG = LoggerFactory.getLogger(RoomReport.class);
    private static final long ANSWER_TIMEOUT_MS = 20_000;

    private final DiskId disk;
    private final StorageServer server;
    private final Membership membership;
    private boolean toldWritable = true;
    private DiskRoom told = DiskRoom.UNKNOWN;

    RoomReport(DiskId disk, StorageServer server, Membership membership) {
        this.disk = disk;
        this.server = server;
        this.membership = membership;
    }

    void tell() throws InterruptedException {
        try {
            boolean writable = await(server.isWritable());
            DiskRoom room = await(server.room());
            if (writable == toldWritable && !room.isNewsAfter(told)) {
                return;
            }
            await(membership.setRoom(disk, writable, room));
            if (writable != toldWritable) {
                LOG.warn(
                        "Disk {} {}",
                        disk,
                        writable ? "takes appends again" : "is above its mark: appends are refused");
            }
            toldWritable = writable;
            told = room;
        } catch (ExecutionException | TimeoutException | CompletionException later) {
            LOG.warn("Could not tell how much more disk {} takes: {}", disk, later.toString());
        }
    }

    private static <T> T await(CompletableFuture<T> future)
            throws InterruptedException, ExecutionException, TimeoutException {
        return future.get(ANSWER_TIMEOUT_MS, TimeUnit.MILLISECONDS);
    }
}
