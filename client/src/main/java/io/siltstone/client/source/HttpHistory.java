package io.siltstone.client.source;

import java.net.URI;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;

/** What is in the bucket, as ingest nodes tell it over HTTP and sign links to it. Thread-safe. */
final class HttpHistory implements AutoCloseable {

    private final HistoryApi api;

    /** @param nodes the HTTP addresses of live ingest nodes, asked anew for each attempt */
    HttpHistory(Supplier<CompletableFuture<List<URI>>> nodes) {
        this.api = new HistoryApi(nodes);
    }

    CompletableFuture<HistoryPage> ranges(TopicPartition partition, long offset, int maxRanges) {
        return api.ask(path(partition) + "/history?offset=" + offset + "&limit=" + maxRanges)
                .thenApply(HistoryJson::page);
    }

    CompletableFuture<ByteBuffer> read(HistoryRange range, long position, int length) {
        URI link = range.link();
        if (link == null) {
            throw new IllegalArgumentException("range " + range.object().key() + " is of another source");
        }
        return api.read(link, position, length);
    }

    CompletableFuture<Optional<PartitionManifest>> manifest(TopicPartition partition) {
        return api.ask(path(partition) + "/history?offset=" + Long.MAX_VALUE + "&limit=1")
                .thenApply(HistoryJson::manifest);
    }

    CompletableFuture<Optional<String>> newestDescription(String topic) {
        return api.ask("/v1/topics/" + topic + "/description").thenApply(HistoryJson::key);
    }

    ObjectReader objects(TopicPartition partition) {
        return new LinkedObjects(api, path(partition));
    }

    @Override
    public void close() {
        api.close();
    }

    private static String path(TopicPartition partition) {
        return "/v1/topics/" + partition.topic() + "/partitions/" + partition.partition();
    }
}
