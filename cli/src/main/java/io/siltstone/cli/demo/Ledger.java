package io.siltstone.cli.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * The hash of every record of a topic that one party saw, by partition and offset, in mapped files: 8 bytes per record,
 * so that years of records compare in little memory. Counts what came twice or out of order as it comes. One thread
 * writes; others read after it is done.
 */
final class Ledger {
    private static final int CHUNK_RECORDS = 1 << 17;

    private final String name;
    private final List<Pages> partitions = new ArrayList<>();
    private long records;
    private Fault repeated = Fault.NONE;
    private Fault outOfOrder = Fault.NONE;

    /** A ledger without records, whose files lie in {@code dir}, of which it has its name. */
    Ledger(Path dir, int partitions) {
        this.name = String.valueOf(dir.getFileName());
        try {
            Files.createDirectories(dir);
        } catch (IOException e) {
            throw new UncheckedIOException("could not create the folder " + dir, e);
        }
        for (int partition = 0; partition < partitions; partition++) {
            this.partitions.add(new Pages(dir.resolve("partition-" + partition)));
        }
    }

    /** Takes down that the record at this offset has this hash, which is not 0. */
    void add(int partition, long offset, long hash) {
        Pages pages = partitions.get(partition);
        if (pages.get(offset) != 0) {
            repeated = repeated.at(new Place(name, partition, offset));
            return;
        }
        if (offset < pages.end) {
            outOfOrder = outOfOrder.at(new Place(name, partition, offset));
        }
        pages.put(offset, hash);
        records++;
    }

    /** The hash of the record at this offset; 0 if none was seen there. */
    long hash(int partition, long offset) {
        return partitions.get(partition).get(offset);
    }

    /** One more than the greatest offset seen. */
    long endOffset(int partition) {
        return partitions.get(partition).end;
    }

    String name() {
        return name;
    }

    int partitions() {
        return partitions.size();
    }

    /** Different records seen. */
    long records() {
        return records;
    }

    /** Records that came again at an offset already seen. */
    Fault repeated() {
        return repeated;
    }

    /** Records that came after one of a greater offset. */
    Fault outOfOrder() {
        return outOfOrder;
    }

    /** One partition's hashes. */
    private static final class Pages {
        private final Path file;
        private final List<MappedByteBuffer> chunks = new ArrayList<>();
        private long end;

        Pages(Path file) {
            this.file = file;
        }

        long get(long offset) {
            int chunk = Math.toIntExact(offset / CHUNK_RECORDS);
            return chunk < chunks.size() ? chunks.get(chunk).getLong(position(offset)) : 0;
        }

        void put(long offset, long hash) {
            int chunk = Math.toIntExact(offset / CHUNK_RECORDS);
            while (chunks.size() <= chunk) {
                chunks.add(map(chunks.size()));
            }
            chunks.get(chunk).putLong(position(offset), hash);
            end = Math.max(end, offset + 1);
        }

        private static int position(long offset) {
            return (int) (offset % CHUNK_RECORDS) * Long.BYTES;
        }

        private MappedByteBuffer map(int chunk) {
            long bytes = (long) CHUNK_RECORDS * Long.BYTES;
            try (FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                long size = (chunk + 1) * bytes;
                if (channel.size() < size) {
                    channel.write(ByteBuffer.allocate(1), size - 1);
                }
                return channel.map(FileChannel.MapMode.READ_WRITE, chunk * bytes, bytes);
            } catch (IOException e) {
                throw new UncheckedIOException("could not map " + file, e);
            }
        }
    }
}
