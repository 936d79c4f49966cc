package io.siltstone.cli.history;

import io.siltstone.cli.Json;
import io.siltstone.client.Verify;
import io.siltstone.client.VerifyReport;
import io.siltstone.client.source.HistoryException;
import io.siltstone.client.source.HistorySource;
import io.siltstone.format.CorruptObjectException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code siltstone verify}: checks everything that the bucket holds of a topic. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        description = {
            "Walks the topic's manifest and reads every object: checksums, hash chain, contiguity.",
            "Exit code 1 at the first fault, with its object, block and offset.",
            "With --bootstrap the cluster tells the newest manifest root: nothing behind it can be missing. With --bucket"
                    + " the greatest root in the bucket counts: an object that only a later root can name is a fault,"
                    + " be it of a commit that broke off or of a root that was removed. Roots that were removed with"
                    + " all that they brought, or that brought nothing, do not show there."
        })
public final class VerifyCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "TOPIC", description = "The topic.")
    private String topic;

    @Mixin
    private SourceOptions source;

    @Option(names = "--json", description = "Write JSON for a program to read.")
    private boolean json;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        try (HistorySource opened = source.open()) {
            VerifyReport report = new Verify(opened, progress -> {}).topic(topic);
            out.println(json ? Json.pretty(report) : text(report));
            out.flush();
            return 0;
        } catch (CorruptObjectException fault) {
            if (json) {
                out.println(Json.pretty(place(fault)));
                out.flush();
            }
            throw fault;
        } catch (HistoryException e) {
            if (json) {
                out.println(Json.pretty(Map.of("fault", String.valueOf(e.getMessage()))));
                out.flush();
            }
            throw e;
        }
    }

    private String text(VerifyReport report) {
        return String.format(
                "%s is sound: %,d objects with %,d bytes, %,d batches and %,d offsets in %d partitions, %,d manifest"
                        + " roots",
                topic,
                report.objects(),
                report.bytes(),
                report.batches(),
                report.offsets(),
                report.partitions(),
                report.roots());
    }

    private static Map<String, Object> place(CorruptObjectException fault) {
        Map<String, Object> place = new LinkedHashMap<>();
        place.put("fault", fault.what());
        place.put("object", fault.object());
        place.put("block", fault.block());
        place.put("offset", fault.offset());
        return place;
    }
}
