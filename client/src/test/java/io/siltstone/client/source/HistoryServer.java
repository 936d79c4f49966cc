package io.siltstone.client.source;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.siltstone.format.CorruptObjectException;
import io.siltstone.format.manifest.ManifestRange;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** The history API of an ingest node over a bucket in a folder, with links that expire. */
public final class HistoryServer implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();

    public final AtomicInteger expired = new AtomicInteger();
    public final AtomicInteger failuresToGive = new AtomicInteger();
    private final Path bucket;
    private final BucketSource source;
    private final Duration linkLife;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newFixedThreadPool(8);

    public HistoryServer(Path bucket, Duration linkLife) {
        this.bucket = bucket;
        this.linkLife = linkLife;
        this.source = new BucketSource(new DirectoryBucket(bucket));
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            try (exchange) {
                handle(exchange);
            }
        });
        server.start();
    }

    public URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdown();
        source.close();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try {
            if (failuresToGive.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                answer(exchange, 503, new byte[0]);
                return;
            }
            String[] path = exchange.getRequestURI().getPath().split("/", -1);
            if (path[2].equals("objects")) {
                object(exchange);
            } else {
                answer(exchange, 200, JSON.writeValueAsBytes(answer(exchange.getRequestURI(), path)));
            }
        } catch (CompletionException e) {
            CorruptObjectException fault = (CorruptObjectException) HistoryException.unwrapped(e);
            ObjectNode answer = JSON.createObjectNode()
                    .put("object", fault.object())
                    .put("block", fault.block())
                    .put("offset", fault.offset())
                    .put("message", fault.what());
            answer(exchange, 422, JSON.writeValueAsBytes(answer));
        } catch (RuntimeException e) {
            answer(exchange, 500, String.valueOf(e).getBytes(StandardCharsets.UTF_8));
        }
    }

    private ObjectNode answer(URI uri, String[] path) {
        if (path[4].equals("description")) {
            ObjectNode answer = JSON.createObjectNode();
            source.newestDescription(path[3]).join().ifPresent(key -> answer.put("key", key));
            return answer;
        }
        TopicPartition partition = new TopicPartition(path[3], Integer.parseInt(path[5]));
        Map<String, String> query = query(uri);
        return path[6].equals("link")
                ? JSON.createObjectNode().put("url", link(query.get("key")))
                : history(partition, query);
    }

    private ObjectNode history(TopicPartition partition, Map<String, String> query) {
        long offset = Long.parseLong(query.get("offset"));
        HistoryPage page = source.ranges(partition, offset, Integer.parseInt(query.get("limit")))
                .join();
        ObjectNode answer = JSON.createObjectNode();
        source.manifest(partition).join().ifPresent(manifest -> {
            answer.put("cluster", manifest.keys().bucket().cluster())
                    .put("topicId", manifest.keys().topic().toString())
                    .put("partition", partition.partition());
            answer.putObject("root")
                    .put("key", manifest.root().key())
                    .put("sha256", manifest.root().sha256());
        });
        answer.put("logStart", page.logStart())
                .put("endOffset", page.endOffset())
                .put("more", page.more());
        ArrayNode ranges = answer.putArray("ranges");
        page.ranges().forEach(range -> add(ranges.addObject(), range.object()));
        return answer;
    }

    private void add(ObjectNode json, ManifestRange range) {
        json.put("key", range.key())
                .put("bytes", range.bytes())
                .put("sha256", range.sha256())
                .put("baseOffset", range.baseOffset())
                .put("endOffset", range.endOffset())
                .put("leastTimestamp", range.leastTimestamp())
                .put("greatestTimestamp", range.greatestTimestamp())
                .put("greatestTimestampOffset", range.greatestTimestampOffset())
                .put("firstSegment", range.firstSegment())
                .put("lastSegment", range.lastSegment())
                .put("indexPosition", range.indexPosition())
                .put("indexCrc32c", range.indexCrc32c())
                .put("leastAbortedOffset", range.leastAbortedOffset())
                .put("url", link(range.key()));
        ArrayNode epochs = json.putArray("epochs");
        range.epochs()
                .forEach(start ->
                        epochs.addObject().put("epoch", start.epoch()).put("startOffset", start.startOffset()));
    }

    private String link(@Nullable String key) {
        long expires = System.currentTimeMillis() + linkLife.toMillis();
        return address() + "v1/objects/" + URLEncoder.encode(String.valueOf(key), StandardCharsets.UTF_8) + "?expires="
                + expires;
    }

    private void object(HttpExchange exchange) throws IOException {
        URI uri = exchange.getRequestURI();
        if (Long.parseLong(query(uri).get("expires")) < System.currentTimeMillis()) {
            expired.incrementAndGet();
            answer(exchange, 403, new byte[0]);
            return;
        }
        String key = URLDecoder.decode(uri.getRawPath().substring("/v1/objects/".length()), StandardCharsets.UTF_8);
        try (FileChannel file = FileChannel.open(bucket.resolve(key), StandardOpenOption.READ)) {
            List<String> range = exchange.getRequestHeaders().get("Range");
            String[] bounds = range == null
                    ? new String[] {"0", String.valueOf(file.size() - 1)}
                    : range.get(0).substring("bytes=".length()).split("-", -1);
            long from = Long.parseLong(bounds[0]);
            ByteBuffer part =
                    ByteBuffer.allocate((int) Math.max(0, Math.min(file.size(), Long.parseLong(bounds[1]) + 1) - from));
            file.read(part, from);
            if (range != null) {
                exchange.getResponseHeaders()
                        .set("Content-Range", "bytes " + from + "-" + (from + part.position() - 1) + "/" + file.size());
            }
            answer(exchange, part.capacity() == 0 ? 416 : range == null ? 200 : 206, part.array());
        } catch (NoSuchFileException e) {
            answer(exchange, 404, new byte[0]);
        }
    }

    private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }

    private static Map<String, String> query(URI uri) {
        Map<String, String> query = new HashMap<>();
        for (String pair : uri.getRawQuery().split("&", -1)) {
            String[] parts = pair.split("=", 2);
            query.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
        }
        return query;
    }
}
