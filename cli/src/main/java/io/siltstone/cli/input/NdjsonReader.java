package io.siltstone.cli.input;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Reads NDJSON: one object per line. A record's value is its line as it stands in the file. Confined to one thread. */
final class NdjsonReader implements RecordReader {
    private final ObjectMapper mapper = new ObjectMapper();
    private final Path file;
    private final BufferedReader lines;
    private final Columns columns;
    private final TimeText time = new TimeText();
    private long lineNumber;

    NdjsonReader(Path file, BufferedReader lines, Columns columns) {
        this.file = file;
        this.lines = lines;
        this.columns = columns;
    }

    @Override
    public @Nullable InputRecord next() throws IOException {
        String line = readLine();
        while (line != null && line.isBlank()) {
            line = readLine();
        }
        if (line == null) {
            return null;
        }
        JsonNode object = parse(line);
        String keyColumn = columns.key();
        String timeColumn = columns.time();
        return new InputRecord(
                keyColumn == null ? null : field(object, keyColumn).getBytes(StandardCharsets.UTF_8),
                line.getBytes(StandardCharsets.UTF_8),
                timeColumn == null ? null : millis(field(object, timeColumn)));
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }

    private JsonNode parse(String line) {
        try {
            JsonNode node = mapper.readTree(line);
            if (!node.isObject()) {
                throw new InputException(file + ", line " + lineNumber + " is not a JSON object");
            }
            return node;
        } catch (JsonProcessingException e) {
            throw new InputException(file + ", line " + lineNumber + " is not JSON: " + e.getOriginalMessage(), e);
        }
    }

    private String field(JsonNode object, String name) {
        JsonNode field = object.get(name);
        if (field == null || field.isNull()) {
            throw new InputException(file + ", line " + lineNumber + " has no field " + name);
        }
        return field.isValueNode() ? field.asText() : field.toString();
    }

    private long millis(String text) {
        try {
            return time.millis(text);
        } catch (IllegalArgumentException e) {
            throw new InputException(file + ", line " + lineNumber + ": " + e.getMessage(), e);
        }
    }

    private @Nullable String readLine() throws IOException {
        lineNumber++;
        return lines.readLine();
    }
}
