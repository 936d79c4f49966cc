package io.siltstone.tiering.store;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Links to a node's own HTTP server for a bucket that has no server of its own. They name key and expiry under an
 * HMAC-SHA-256, so the node keeps nothing; after a restart with another secret old links are refused and asked for anew.
 */
public final class SignedLinks implements UrlSigner {

    private static final String ALGORITHM = "HmacSHA256";

    private final URI base;
    private final SecretKeySpec secret;
    private final Clock clock;

    /**
     * @param base where objects are served, ending with a slash
     * @param secret at least 16 bytes, known to the nodes that shall honour each other's links
     */
    public SignedLinks(URI base, byte[] secret, Clock clock) {
        if (secret.length < 16 || !base.toString().endsWith("/")) {
            throw new IllegalArgumentException("links below '" + base + "' with a secret of " + secret.length
                    + " bytes: the address must end with '/', and the secret have 16 bytes or more");
        }
        this.base = base;
        this.secret = new SecretKeySpec(secret, ALGORITHM);
        this.clock = clock;
    }

    @Override
    public URI signedUrl(String key, Duration life) {
        long expiresMs = clock.millis() + life.toMillis();
        String path = URLEncoder.encode(key, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("%2F", "/");
        return URI.create(base + path + "?expires=" + expiresMs + "&signature=" + signature(key, expiresMs));
    }

    /** Whether this is a link of ours that still works; false is to be answered with 403. */
    public boolean allows(String key, long expiresMs, String signature) {
        boolean ours = MessageDigest.isEqual(
                signature.getBytes(StandardCharsets.UTF_8),
                signature(key, expiresMs).getBytes(StandardCharsets.UTF_8));
        return ours && clock.millis() < expiresMs;
    }

    private String signature(String key, long expiresMs) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(secret);
            mac.update((expiresMs + "\n").getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(mac.doFinal(key.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
        }
    }
}
