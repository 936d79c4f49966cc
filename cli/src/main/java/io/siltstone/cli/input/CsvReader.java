package io.siltstone.cli.input;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads CSV whose first line names the columns. A record's value is its line as it stands in the file; blank lines are
 * passed over. Confined to one thread.
 */
final class CsvReader implements RecordReader {
    private static final int NONE = -1;
    private static final int LONGEST_RECORD_CHARS = 1 << 24;

    private final Path file;
    private final BufferedReader lines;
    private final char delimiter;
    private final int keyColumn;
    private final int timeColumn;
    private final TimeText time = new TimeText();
    private long lineNumber;

    CsvReader(Path file, BufferedReader lines, Columns columns) throws IOException {
        this.file = file;
        this.lines = lines;
        String header = nextLine();
        if (header == null) {
            throw new InputException(file + " is empty: a CSV file begins with the names of its columns");
        }
        String plain = header.startsWith("\ufeff") ? header.substring(1) : header;
        this.delimiter = CsvLine.delimiterOf(plain);
        List<String> names = CsvLine.fields(plain, delimiter);
        this.keyColumn = column(columns.key(), names);
        this.timeColumn = column(columns.time(), names);
    }

    @Override
    public @Nullable InputRecord next() throws IOException {
        String line = nextLine();
        if (line == null) {
            return null;
        }
        return new InputRecord(
                keyColumn == NONE ? null : field(line, keyColumn).getBytes(StandardCharsets.UTF_8),
                line.getBytes(StandardCharsets.UTF_8),
                timeColumn == NONE ? null : millis(field(line, timeColumn)));
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }

    private int column(@Nullable String name, List<String> names) {
        if (name == null) {
            return NONE;
        }
        int column = names.indexOf(name);
        if (column < 0) {
            throw new InputException(file + " has no column " + name + "; its columns are " + String.join(", ", names));
        }
        return column;
    }

    private String field(String line, int column) {
        String field = CsvLine.field(line, delimiter, column);
        if (field == null) {
            throw new InputException(
                    file + ", line " + lineNumber + " has no column " + (column + 1) + ": " + shortened(line));
        }
        return field;
    }

    private long millis(String text) {
        try {
            return time.millis(text);
        } catch (IllegalArgumentException e) {
            throw new InputException(file + ", line " + lineNumber + ": " + e.getMessage(), e);
        }
    }

    /** The next line that is not blank, with the lines that a quoted field runs over. */
    private @Nullable String nextLine() throws IOException {
        String line = readLine();
        while (line != null && line.isEmpty()) {
            line = readLine();
        }
        if (line == null || !CsvLine.isOpen(line)) {
            return line;
        }
        StringBuilder whole = new StringBuilder(line);
        long begun = lineNumber;
        while (CsvLine.isOpen(line)) {
            String more = readLine();
            if (more == null || whole.length() > LONGEST_RECORD_CHARS) {
                throw new InputException(file + ", line " + begun + ": a quote is opened and never closed");
            }
            whole.append('\n').append(more);
            line = CsvLine.isOpen(more) ? "" : "\"";
        }
        return whole.toString();
    }

    private @Nullable String readLine() throws IOException {
        lineNumber++;
        return lines.readLine();
    }

    private static String shortened(String line) {
        return line.length() <= 120 ? line : line.substring(0, 120) + "…";
    }
}
