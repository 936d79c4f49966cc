package io.siltstone.cli.input;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Splits one line of CSV (RFC 4180) into fields: a quoted field may hold the delimiter, line ends and doubled quotes. */
final class CsvLine {
    private static final char QUOTE = '"';
    private static final String DELIMITERS = ",;\t|";

    private CsvLine() {}

    /** The delimiter that a header line uses most; a comma where there is none. */
    static char delimiterOf(String header) {
        char best = ',';
        long most = 0;
        for (int i = 0; i < DELIMITERS.length(); i++) {
            char candidate = DELIMITERS.charAt(i);
            long count = header.chars().filter(c -> c == candidate).count();
            if (count > most) {
                best = candidate;
                most = count;
            }
        }
        return best;
    }

    /** Whether a quoted field goes on behind the end of this text. */
    static boolean isOpen(String text) {
        boolean quoted = false;
        for (int i = text.indexOf(QUOTE); i >= 0; i = text.indexOf(QUOTE, i + 1)) {
            quoted = !quoted;
        }
        return quoted;
    }

    /** The field at this position, counted from 0; null where the line has fewer. */
    static @Nullable String field(String line, char delimiter, int position) {
        if (line.indexOf(QUOTE) >= 0) {
            List<String> fields = fields(line, delimiter);
            return position < fields.size() ? fields.get(position) : null;
        }
        int start = 0;
        for (int i = 0; i < position; i++) {
            int end = line.indexOf(delimiter, start);
            if (end < 0) {
                return null;
            }
            start = end + 1;
        }
        int end = line.indexOf(delimiter, start);
        return end < 0 ? line.substring(start) : line.substring(start, end);
    }

    static List<String> fields(String line, char delimiter) {
        List<String> fields = new ArrayList<>();
        StringBuilder field = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == QUOTE && quoted && i + 1 < line.length() && line.charAt(i + 1) == QUOTE) {
                field.append(QUOTE);
                i++;
            } else if (c == QUOTE) {
                quoted = !quoted;
            } else if (c == delimiter && !quoted) {
                fields.add(field.toString());
                field.setLength(0);
            } else {
                field.append(c);
            }
        }
        fields.add(field.toString());
        return fields;
    }
}
