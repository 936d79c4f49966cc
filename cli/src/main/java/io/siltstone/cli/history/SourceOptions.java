package io.siltstone.cli.history;

import io.siltstone.cli.Bootstrap;
import io.siltstone.cli.BucketOptions;
import io.siltstone.cli.UsageException;
import io.siltstone.client.source.BucketSource;
import io.siltstone.client.source.HistorySource;
import io.siltstone.client.source.KafkaSource;
import io.siltstone.tiering.store.ObjectStores;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where history is read from: a running cluster, or a bucket with the cluster off. */
final class SourceOptions {
    @Option(
            names = "--bootstrap",
            paramLabel = "ADDRESS",
            description = "Kafka bootstrap address of a running cluster; or else --bucket.")
    private @Nullable String bootstrap;

    @Mixin
    private BucketOptions bucket;

    /** The source, to be closed by the caller. */
    HistorySource open() {
        String address = bootstrap;
        String url = bucket.url();
        if ((address == null) == (url == null)) {
            throw new UsageException("name one source: --bootstrap ADDRESS or --bucket URL");
        }
        if (address != null) {
            return KafkaSource.connect(Bootstrap.reachable(address));
        }
        return new BucketSource(new StoreBucket(ObjectStores.open(URI.create(url), bucket.properties())));
    }
}
