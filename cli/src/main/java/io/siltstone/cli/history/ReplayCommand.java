package io.siltstone.cli.history;

import io.siltstone.cli.UsageException;
import io.siltstone.client.Pace;
import io.siltstone.client.Replay;
import io.siltstone.client.ReplayBuilder;
import io.siltstone.client.source.HistorySource;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code siltstone replay}: a topic's records as NDJSON on stdout. */
@Command(
        name = "replay",
        mixinStandardHelpOptions = true,
        description = {
            "Writes a topic's records to stdout, one JSON object per line: topic, partition, offset, timestamp, key,"
                    + " value, headers.",
            "What is in the bucket comes from there, checked; the rest from the live log. With --bucket the whole"
                    + " cluster may be off. Exit code 1 and the place if anything in the bucket is damaged."
                    + " Whoever reads stdout may stop before the end."
        })
public final class ReplayCommand implements Callable<Integer> {
    private static final int BUFFER_BYTES = 1 << 18;
    private static final Duration POLL = Duration.ofMillis(500);

    @Parameters(paramLabel = "TOPIC", description = "The topic.")
    private String topic;

    @Mixin
    private SourceOptions source;

    @Option(
            names = "--from",
            defaultValue = "earliest",
            paramLabel = "WHERE",
            description = "earliest (the default), an offset, or a time.")
    private String from;

    @Option(
            names = "--to",
            defaultValue = "latest",
            paramLabel = "WHERE",
            description = "An offset or a time, exclusive; without it the end as it is at the start.")
    private String to;

    @Option(names = "--partitions", split = ",", paramLabel = "N", description = "Only these partitions.")
    private List<Integer> partitions = List.of();

    @Option(names = "--ordered-by-time", description = "Merge the partitions by timestamp.")
    private boolean orderedByTime;

    @Option(names = "--rate", paramLabel = "N", description = "Records per second; without it as fast as it goes.")
    private @Nullable Double rate;

    @Option(names = "--speed", paramLabel = "N", description = "N times the original speed, by the timestamps.")
    private @Nullable Double speed;

    @Option(names = "--follow", description = "Go on with live records until Ctrl-C.")
    private boolean follow;

    @Option(
            names = "--binary",
            paramLabel = "base64",
            description = "Keys, values and headers in base64; without it they are read as UTF-8 text.")
    private @Nullable String binary;

    private OutputStream out = new FileOutputStream(FileDescriptor.out);

    /** Records go there instead of to stdout. */
    void writeTo(OutputStream stream) {
        out = stream;
    }

    @Override
    public Integer call() throws IOException {
        String encoding = binary;
        if (encoding != null && !encoding.equals("base64")) {
            throw new UsageException("--binary knows base64 only, not " + encoding);
        }
        try {
            write(encoding != null);
        } catch (PipeOutput.ReaderGoneException e) {
            return 0; // as with `| head`, which is no fault
        }
        return 0;
    }

    private void write(boolean base64) throws IOException {
        try (HistorySource opened = source.open();
                ProgressBar bar = bar();
                BufferedOutputStream buffered = new BufferedOutputStream(new PipeOutput(out), BUFFER_BYTES);
                RecordWriter writer = new RecordWriter(buffered, base64);
                Replay replay = builder(opened, bar).start()) {
            while (!replay.isOver()) {
                ConsumerRecord<byte[], byte[]> record = replay.poll(POLL);
                if (record != null) {
                    writer.write(record);
                } else if (follow) {
                    writer.flush();
                }
            }
        }
    }

    private ReplayBuilder builder(HistorySource opened, ProgressBar bar) {
        ReplayBuilder builder = Replay.from(opened)
                .from(BoundText.parse(from))
                .to(BoundText.parse(to))
                .pace(pace());
        if (partitions.isEmpty()) {
            builder.topics(topic);
        } else {
            builder.partitions(topic, partitions.toArray(Integer[]::new));
        }
        if (orderedByTime) {
            builder.orderedByTime();
        }
        if (follow) {
            builder.thenFollow();
        }
        return builder.onProgress(reached -> {
            bar.maxHint(reached.totalOffsets());
            bar.stepTo(reached.doneOffsets());
        });
    }

    private Pace pace() {
        Double perSecond = rate;
        Double factor = speed;
        if (perSecond != null && factor != null) {
            throw new UsageException("--rate and --speed are two ways to say the same: give one");
        }
        if (perSecond != null) {
            return Pace.recordsPerSecond(perSecond);
        }
        return factor == null ? Pace.asFast() : Pace.timesOriginalSpeed(factor);
    }

    private ProgressBar bar() {
        return new ProgressBarBuilder()
                .setTaskName("replay " + topic)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(500)
                .setConsumer(new ConsoleProgressBarConsumer(System.err, 100))
                .build();
    }
}
