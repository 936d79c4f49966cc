package io.siltstone.cli.input;

import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Opens a file of records: tells packing and format from the file's own first bytes, not from its name. */
public final class InputFile {
    private static final int BUFFER_BYTES = 1 << 16;

    private InputFile() {}

    /** A reader at the file's first record, to be closed by the caller. */
    public static RecordReader open(Path file, Columns columns) throws IOException {
        InputStream in = Files.newInputStream(file);
        try {
            BufferedInputStream unpacked = new BufferedInputStream(Packing.unpack(in, file), BUFFER_BYTES);
            boolean json = beginsWithBrace(unpacked);
            BufferedReader lines =
                    new BufferedReader(new InputStreamReader(unpacked, StandardCharsets.UTF_8), BUFFER_BYTES);
            return json ? new NdjsonReader(file, lines, columns) : new CsvReader(file, lines, columns);
        } catch (IOException | RuntimeException e) {
            in.close();
            throw e;
        }
    }

    private static boolean beginsWithBrace(BufferedInputStream in) throws IOException {
        in.mark(BUFFER_BYTES / 2);
        int first = in.read();
        for (int skipped = 0; first >= 0 && Character.isWhitespace(first) && skipped < 1_000; skipped++) {
            first = in.read();
        }
        in.reset();
        return first == '{';
    }
}
