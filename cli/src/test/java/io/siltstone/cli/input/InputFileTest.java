package io.siltstone.cli.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InputFileTest {
    private static final String FLIGHTS = "date,delay,origin\n2001-01-01T00:01,33,LAS\n2001-01-01T00:05,-4,ATL\n";
    private static final Columns COLUMNS = new Columns("origin", "date");

    @TempDir
    Path dir;

    @Test
    void readsCsvWithTheLineAsValue() throws Exception {
        List<InputRecord> records = read(FLIGHTS, COLUMNS);

        assertThat(records)
                .extracting(InputFileTest::value)
                .containsExactly("2001-01-01T00:01,33,LAS", "2001-01-01T00:05,-4,ATL");
        assertThat(records).extracting(InputFileTest::key).containsExactly("LAS", "ATL");
        assertThat(records.get(1).timestamp())
                .isEqualTo(Instant.parse("2001-01-01T00:05:00Z").toEpochMilli());
    }

    @Test
    void readsGzip() throws Exception {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(packed)) {
            out.write(FLIGHTS.getBytes(StandardCharsets.UTF_8));
        }
        assertThat(read(packed.toByteArray(), COLUMNS)).hasSize(2);
    }

    @Test
    void readsZip() throws Exception {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (ZipOutputStream out = new ZipOutputStream(packed)) {
            out.putNextEntry(new ZipEntry("flights.csv"));
            out.write(FLIGHTS.getBytes(StandardCharsets.UTF_8));
        }
        assertThat(read(packed.toByteArray(), COLUMNS)).hasSize(2);
    }

    @Test
    void readsZstandard() throws Exception {
        assertThat(read(Zstd.compress(FLIGHTS.getBytes(StandardCharsets.UTF_8)), COLUMNS))
                .hasSize(2);
    }

    @Test
    void readsNdjson() throws Exception {
        List<InputRecord> records =
                read("{\"id\":7,\"at\":1700000000000}\n\n{\"id\":8,\"at\":1700000000001}\n", new Columns("id", "at"));

        assertThat(records).extracting(InputFileTest::key).containsExactly("7", "8");
        assertThat(records).extracting(InputRecord::timestamp).containsExactly(1_700_000_000_000L, 1_700_000_000_001L);
        assertThat(value(records.get(0))).isEqualTo("{\"id\":7,\"at\":1700000000000}");
    }

    @Test
    void keepsALineEndInsideQuotes() throws Exception {
        List<InputRecord> records = read("id,text\n1,\"a\nb\"\"c\n,d\"\n2,e\n", new Columns("text", null));

        assertThat(records).extracting(InputFileTest::value).containsExactly("1,\"a\nb\"\"c\n,d\"", "2,e");
        assertThat(records).extracting(InputFileTest::key).containsExactly("a\nb\"c\n,d", "e");
    }

    @Test
    void tellsTheDelimiterFromTheHeader() throws Exception {
        assertThat(read("id;name\n1;a,b\n", new Columns("name", null)))
                .extracting(InputFileTest::key)
                .containsExactly("a,b");
    }

    @Test
    void leavesKeyAndTimeOutUnlessAskedFor() throws Exception {
        InputRecord record = read(FLIGHTS, new Columns(null, null)).get(0);

        assertThat(record.key()).isNull();
        assertThat(record.timestamp()).isNull();
    }

    @Test
    void namesTheColumnsWhenOneIsMissing() {
        assertThatThrownBy(() -> read(FLIGHTS, new Columns("airline", null)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("no column airline; its columns are date, delay, origin");
    }

    @Test
    void namesTheLineOfAWrongTime() {
        assertThatThrownBy(() -> read("date\n2001-01-01\nyesterday\n", new Columns(null, "date")))
                .hasMessageContaining("line 3: not a time: yesterday");
    }

    @Test
    void namesTheLineOfAShortRecord() {
        assertThatThrownBy(() -> read("a,b\n1\n", new Columns("b", null)))
                .hasMessageContaining("line 2 has no column 2");
    }

    @Test
    void namesTheLineOfBrokenJson() {
        assertThatThrownBy(() -> read("{\"a\":1}\n{\"a\":\n", new Columns("a", null)))
                .hasMessageContaining("line 2 is not JSON");
    }

    @Test
    void namesTheLineWhereAQuoteIsLeftOpen() {
        assertThatThrownBy(() -> read("a\nx\n\"never\nclosed\n", new Columns("a", null)))
                .hasMessageContaining("line 3: a quote is opened and never closed");
    }

    @Test
    void refusesAnEmptyFile() {
        assertThatThrownBy(() -> read("", COLUMNS)).hasMessageContaining("is empty");
    }

    private List<InputRecord> read(String text, Columns columns) throws Exception {
        return read(text.getBytes(StandardCharsets.UTF_8), columns);
    }

    private List<InputRecord> read(byte[] content, Columns columns) throws Exception {
        Path file = Files.write(dir.resolve("input"), content);
        List<InputRecord> records = new ArrayList<>();
        try (RecordReader reader = InputFile.open(file, columns)) {
            for (InputRecord record = reader.next(); record != null; record = reader.next()) {
                records.add(record);
            }
        }
        return records;
    }

    private static String key(InputRecord record) {
        return new String(Objects.requireNonNull(record.key()), StandardCharsets.UTF_8);
    }

    private static String value(InputRecord record) {
        return new String(record.value(), StandardCharsets.UTF_8);
    }
}
