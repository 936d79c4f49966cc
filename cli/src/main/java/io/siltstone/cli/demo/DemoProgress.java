package io.siltstone.cli.demo;

import java.io.PrintStream;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Shows on stderr what the demo is doing: a line per step, and a bar where something is counted. */
final class DemoProgress {
    private final PrintStream err;
    private final long begunNanos = System.nanoTime();

    DemoProgress(PrintStream err) {
        this.err = err;
    }

    synchronized void say(String what) {
        err.printf("%n[%5.1f s] %s%n", (System.nanoTime() - begunNanos) / 1e9, what);
        err.flush();
    }

    /** A bar from 0 to {@code total}, to be closed by the caller. */
    ProgressBar bar(String task, long total) {
        return new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(total)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(500)
                .setConsumer(new ConsoleProgressBarConsumer(err, 100))
                .build();
    }

    /** Follows a count until it reaches {@code total} or {@code timeoutMs} are over; whether it did. */
    boolean follow(String task, long total, LongSupplier count, long timeoutMs) throws InterruptedException {
        long deadline = System.nanoTime() + timeoutMs * 1_000_000;
        try (ProgressBar bar = bar(task, total)) {
            while (true) {
                long now = count.getAsLong();
                bar.stepTo(Math.min(now, total));
                if (now >= total) {
                    return true;
                }
                if (System.nanoTime() > deadline) {
                    return false;
                }
                Thread.sleep(50);
            }
        }
    }
}
