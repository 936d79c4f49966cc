package io.siltstone.metadata;

import io.siltstone.log.DiskId;

/**
 * A registered storage disk, live or not.
 *
 * @param incarnation drawn at random when the process that serves it starts
 * @param node name of the storage node that serves it
 * @param host where ingest nodes reach it
 * @param port of the storage protocol
 * @param httpAddress URL of the node's HTTP interface
 * @param zone its failure domain; empty where none is set
 * @param writable takes appends; a disk above its mark does not
 * @param room how much more it takes
 * @param live its node's session is alive; where it is not, the rest is what it last said
 */
public record StorageDiskImage(
        DiskId disk,
        long incarnation,
        String node,
        String host,
        int port,
        String httpAddress,
        String zone,
        boolean writable,
        DiskRoom room,
        boolean live) {

    /** A disk that has not told its room. */
    public StorageDiskImage(
            DiskId disk,
            long incarnation,
            String node,
            String host,
            int port,
            String httpAddress,
            String zone,
            boolean writable,
            boolean live) {
        this(disk, incarnation, node, host, port, httpAddress, zone, writable, DiskRoom.UNKNOWN, live);
    }

    /** The zone, or the host where no zone is set. */
    public String domain() {
        return zone.isEmpty() ? host : zone;
    }

    public StorageDiskImage withWritable(boolean newWritable) {
        return new StorageDiskImage(disk, incarnation, node, host, port, httpAddress, zone, newWritable, room, live);
    }

    public StorageDiskImage withRoom(DiskRoom newRoom) {
        return new StorageDiskImage(disk, incarnation, node, host, port, httpAddress, zone, writable, newRoom, live);
    }

    public StorageDiskImage withLive(boolean newLive) {
        return new StorageDiskImage(disk, incarnation, node, host, port, httpAddress, zone, writable, room, newLive);
    }
}
