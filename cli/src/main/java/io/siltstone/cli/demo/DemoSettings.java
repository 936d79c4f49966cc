package io.siltstone.cli.demo;

import io.siltstone.cli.input.Columns;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the demo is to do.
 *
 * @param dir the cluster's folder
 * @param input file of records
 * @param rate records per second, null to take about forty seconds in all, and no more than 50,000 per second
 * @param bucket URL of the bucket
 * @param bucketOptions how to reach it
 * @param kafkaPort port of the first ingest node
 */
record DemoSettings(
        Path dir,
        Path input,
        Columns columns,
        String topic,
        int partitions,
        @Nullable Double rate,
        String bucket,
        Map<String, String> bucketOptions,
        int storageNodes,
        int ingestNodes,
        int kafkaPort) {
    private static final double SECONDS = 40;
    private static final double MOST_PER_SECOND = 50_000;

    double rateFor(long records) {
        if (rate != null) {
            return rate;
        }
        return Math.min(MOST_PER_SECOND, Math.max(1, records) / SECONDS);
    }
}
