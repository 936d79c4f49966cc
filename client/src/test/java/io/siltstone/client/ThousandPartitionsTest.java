package io.siltstone.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.siltstone.client.source.HistoryServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ThousandPartitionsTest {

    private static final int PARTITIONS = 1_000;
    private static final int RECORDS = 280;

    @TempDir
    Path folder;

    /** 280 MB in blocks of 140 KB, merged by time: a block of each partition would not fit. */
    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void aThousandPartitionsMergeByTimeIn256MiBWhileLinksExpire() throws Exception {
        BucketFixture bucket = new BucketFixture(folder, 1 << 20);
        BucketFixture.Topic topic = bucket.topic("wide", PARTITIONS);
        for (int partition = 0; partition < PARTITIONS; partition++) {
            topic.partition(partition).segment(20, RECORDS / 2, partition % 7, 1_000);
            topic.partition(partition).segment(20, RECORDS / 2, 300 + partition % 7, 1_000);
        }
        try (HistoryServer server = new HistoryServer(folder, Duration.ofSeconds(2))) {
            Process replay = new ProcessBuilder(List.of(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx256m",
                            "-XX:+ExitOnOutOfMemoryError",
                            "-cp",
                            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                            ReplayProcess.class.getName(),
                            server.address().toString(),
                            "wide",
                            topic.id.toString(),
                            String.valueOf(PARTITIONS),
                            String.valueOf(RECORDS)))
                    .redirectErrorStream(true)
                    .start();
            String output = new String(replay.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

            assertThat(replay.waitFor()).as(output).isZero();
            assertThat(output).contains("records=" + PARTITIONS * RECORDS + " heapMiB=256");
            assertThat(server.expired.get()).as("links that expired").isPositive();
        }
    }
}
