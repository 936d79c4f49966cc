package io.siltstone.cli.bench;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * What one phase of a workload measured.
 *
 * @param phase {@code cold} (the first records that the cluster sees) or {@code warm}
 * @param mbPerSecond 2^20 bytes of values per second
 * @param cpuSecondsPerGiB CPU of the server processes, null where none were named
 * @param residentMiB memory of the server processes at the end, null where none were named
 * @param latencyMs null where the workload has none
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record PhaseResult(
        String workload,
        String phase,
        long records,
        double seconds,
        double recordsPerSecond,
        double mbPerSecond,
        @Nullable Double cpuSecondsPerGiB,
        @Nullable Long residentMiB,
        @Nullable Latency latencyMs) {

    /** Milliseconds. */
    record Latency(double p50, double p99, double p999, double max) {
        /** From a histogram of microseconds. */
        static Latency of(Histogram micros) {
            return new Latency(
                    micros.getValueAtPercentile(50) / 1e3,
                    micros.getValueAtPercentile(99) / 1e3,
                    micros.getValueAtPercentile(99.9) / 1e3,
                    micros.getMaxValue() / 1e3);
        }
    }

    static String header() {
        return String.format(
                "%-11s %-5s %12s %9s %11s %9s %9s %9s %9s %9s",
                "workload",
                "phase",
                "records",
                "MiB/s",
                "records/s",
                "CPU s/GiB",
                "RSS MiB",
                "p50 ms",
                "p99 ms",
                "p99.9 ms");
    }

    String line() {
        return String.format(
                "%-11s %-5s %,12d %9.1f %,11.0f %9s %9s %9s %9s %9s",
                workload,
                phase,
                records,
                mbPerSecond,
                recordsPerSecond,
                cpuSecondsPerGiB == null ? "-" : String.format("%.2f", cpuSecondsPerGiB),
                residentMiB == null ? "-" : residentMiB.toString(),
                latencyMs == null ? "-" : String.format("%.2f", latencyMs.p50()),
                latencyMs == null ? "-" : String.format("%.2f", latencyMs.p99()),
                latencyMs == null ? "-" : String.format("%.2f", latencyMs.p999()));
    }
}
