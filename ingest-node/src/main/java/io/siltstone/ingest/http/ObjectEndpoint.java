package io.siltstone.ingest.http;

import io.javalin.http.Context;
import io.netty.buffer.ByteBuf;
import io.siltstone.tiering.store.ObjectInfo;
import io.siltstone.tiering.store.ObjectReader;
import io.siltstone.tiering.store.SignedLinks;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Serves ranges of objects to whoever holds a signed link, for a bucket that has no server of its own. Holds one piece of
 * a megabyte per request at most; blocks the HTTP server's own threads only.
 */
final class ObjectEndpoint {

    private static final int PIECE_BYTES = 1 << 20;
    private static final long TIMEOUT_SECONDS = 30;
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d{1,18})-(\\d{0,18})");

    private final ObjectReader objects;
    private final SignedLinks links;

    ObjectEndpoint(ObjectReader objects, SignedLinks links) {
        this.objects = objects;
        this.links = links;
    }

    /** {@code GET /v1/objects/KEY?expires=MS&signature=HEX}, with or without one Range. */
    void get(Context context) throws IOException {
        String key = context.pathParam("key");
        if (!isAllowed(context, key)) {
            throw new RequestException(403, "the link is not signed by this cluster or has expired");
        }
        Optional<ObjectInfo> info = await(objects.stat(key));
        if (info.isEmpty()) {
            throw new RequestException(404, "there is no object " + key);
        }
        long size = info.get().bytes();
        String range = context.header("Range");
        long from = 0;
        long to = size;
        if (range != null) {
            Matcher matcher = RANGE.matcher(range);
            if (!matcher.matches()) {
                throw new RequestException(400, "range '" + range + "' is not of the form bytes=FROM-TO");
            }
            from = Long.parseLong(matcher.group(1));
            to = matcher.group(2).isEmpty() ? size : Math.min(size, Long.parseLong(matcher.group(2)) + 1);
            if (from >= to) {
                context.header("Content-Range", "bytes */" + size);
                throw new RequestException(416, "object " + key + " has " + size + " bytes");
            }
            context.status(206).header("Content-Range", "bytes " + from + "-" + (to - 1) + "/" + size);
        }
        context.contentType("application/octet-stream").header("Accept-Ranges", "bytes");
        context.res().setContentLengthLong(to - from);
        send(context, key, from, to);
    }

    private void send(Context context, String key, long from, long to) throws IOException {
        for (long at = from; at < to; ) {
            int length = (int) Math.min(PIECE_BYTES, to - at);
            ByteBuf bytes = await(objects.read(key, at, length));
            try {
                bytes.readBytes(context.res().getOutputStream(), length);
            } finally {
                bytes.release();
            }
            at += length;
        }
    }

    private boolean isAllowed(Context context, String key) {
        String expires = context.queryParam("expires");
        String signature = context.queryParam("signature");
        try {
            return expires != null && signature != null && links.allows(key, Long.parseLong(expires), signature);
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private static <T> T await(CompletableFuture<T> future) throws IOException {
        try {
            return future.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException known) {
                throw known;
            }
            throw new IOException(e.getCause());
        } catch (TimeoutException e) {
            throw new RequestException(503, "the bucket did not answer within " + TIMEOUT_SECONDS + " seconds");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RequestException(503, "the node is shutting down");
        }
    }
}
