package io.siltstone.cli.history;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/** Writes records as NDJSON, one object per line. Confined to one thread. */
final class RecordWriter implements AutoCloseable {
    private final JsonGenerator json;
    private final boolean base64;

    /**
     * Writes to {@code out}, which is flushed and not closed at the end.
     *
     * @param base64 keys, values and headers in base64 rather than as UTF-8 text
     */
    RecordWriter(OutputStream out, boolean base64) throws IOException {
        this.json = new JsonFactory().createGenerator(out);
        this.base64 = base64;
        json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
        json.setRootValueSeparator(null);
    }

    void write(ConsumerRecord<byte[], byte[]> record) throws IOException {
        json.writeStartObject();
        json.writeStringField("topic", record.topic());
        json.writeNumberField("partition", record.partition());
        json.writeNumberField("offset", record.offset());
        json.writeNumberField("timestamp", record.timestamp());
        writeBytes("key", record.key());
        writeBytes("value", record.value());
        json.writeArrayFieldStart("headers");
        for (Header header : record.headers()) {
            json.writeStartObject();
            json.writeStringField("key", header.key());
            writeBytes("value", header.value());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
        json.writeRaw('\n');
    }

    /** Lets what was written be seen. */
    void flush() throws IOException {
        json.flush();
    }

    @Override
    public void close() throws IOException {
        json.close();
    }

    private void writeBytes(String field, byte @Nullable [] bytes) throws IOException {
        if (bytes == null) {
            json.writeNullField(field);
        } else if (base64) {
            json.writeBinaryField(field, bytes);
        } else {
            json.writeStringField(field, new String(bytes, StandardCharsets.UTF_8));
        }
    }
}
