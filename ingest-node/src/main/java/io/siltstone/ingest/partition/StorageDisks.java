package io.siltstone.ingest.partition;

/** How many storage disks there are now, as the newest image says. Asked at each append. */
public interface StorageDisks {

    /** Disks that live and take appends. */
    int writable();

    /** Disks that live; those among them that take no appends have no room. */
    int live();
}
