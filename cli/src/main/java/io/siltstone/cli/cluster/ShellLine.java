package io.siltstone.cli.cluster;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A command as one line for a POSIX shell: words that hold anything but plain characters are quoted. */
final class ShellLine {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_@%+=:,./-]+");

    private ShellLine() {}

    static String of(List<String> words) {
        return words.stream().map(ShellLine::quote).collect(Collectors.joining(" "));
    }

    private static String quote(String word) {
        return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
