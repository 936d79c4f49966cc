package io.siltstone.benchmarks.bytepath;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;

/**
 * How the byte path is driven.
 *
 * @param sink nodes that only check and forget, to see the cost of the wire alone
 * @param owners partitions, spread over the loops
 * @param entryBytes of an entry
 * @param window entries that each owner has unconfirmed at most
 * @param rollMiB size at which a segment is full, and deleted; the larger, the later journal files are used again
 * @param rateMBps entries arrive one by one at this rate, all owners together; 0 for as fast as windows let them
 * @param unackedMiB unacknowledged bytes of all disks together at which a loop's owners pause
 * @param directory where storage nodes keep their disks
 * @param nodeFlags flags of the storage nodes' JVMs, separated by blanks
 */
record Options(
        boolean sink,
        int loops,
        int owners,
        int entryBytes,
        int window,
        int rollMiB,
        int rateMBps,
        int lingerMicros,
        int unackedMiB,
        int warmupSeconds,
        int seconds,
        Path directory,
        String nodeFlags) {

    private static final Map<String, String> DEFAULTS = Map.ofEntries(
            Map.entry("sink", "false"),
            Map.entry("loops", "2"),
            Map.entry("owners", "12"),
            Map.entry("entryBytes", "65536"),
            Map.entry("window", "5"),
            Map.entry("rollMiB", "128"),
            Map.entry("rateMBps", "0"),
            Map.entry("lingerMicros", "0"),
            Map.entry("unackedMiB", "64"),
            Map.entry("warmupSeconds", "30"),
            Map.entry("seconds", "20"),
            Map.entry("directory", "target/byte-path"),
            Map.entry(
                    "nodeFlags",
                    "-Xms256m -Xmx256m -XX:+AlwaysPreTouch -XX:MaxDirectMemorySize=256m -XX:+UseParallelGC"));

    static Options parse(String[] arguments) {
        Map<String, String> values = new HashMap<>(DEFAULTS);
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            String name = equals < 0 ? argument : argument.substring(0, equals);
            if (equals < 0 || values.put(name, argument.substring(equals + 1)) == null) {
                throw new IllegalArgumentException(
                        argument + " is no option; write name=value with one of " + new TreeSet<>(DEFAULTS.keySet()));
            }
        }
        return new Options(
                Boolean.parseBoolean(values.get("sink")),
                number(values, "loops"),
                number(values, "owners"),
                number(values, "entryBytes"),
                number(values, "window"),
                number(values, "rollMiB"),
                number(values, "rateMBps"),
                number(values, "lingerMicros"),
                number(values, "unackedMiB"),
                number(values, "warmupSeconds"),
                number(values, "seconds"),
                Path.of(values.getOrDefault("directory", "")),
                values.getOrDefault("nodeFlags", ""));
    }

    private static int number(Map<String, String> values, String name) {
        return Integer.parseInt(values.getOrDefault(name, ""));
    }
}
