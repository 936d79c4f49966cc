/**
 * The journal: the only store of a storage node. Formats of its files, groups and records, writing, scanning at a start,
 * and the port to the file system. Everything but {@code FileChannelJournalFiles} is free of I/O of its own, single-threaded
 * and run by the simulation as it is. See docs/formats/journal.md.
 */
@NullMarked
package io.siltstone.storage.journal;

import org.jspecify.annotations.NullMarked;
