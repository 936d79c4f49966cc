package io.siltstone.ingest.http;

import java.time.Duration;

/**
 * Where and how the HTTP interface answers.
 *
 * @param host address to listen at
 * @param port 0 for any free one
 * @param linkLife how long a signed link works; shorter than the grace period before objects are deleted
 */
public record HttpSettings(String host, int port, Duration linkLife) {

    public static final Duration DEFAULT_LINK_LIFE = Duration.ofMinutes(15);

    public HttpSettings {
        if (port < 0 || port > 65_535 || linkLife.isNegative() || linkLife.isZero()) {
            throw new IllegalArgumentException("HTTP port " + port + ", links that live " + linkLife);
        }
    }
}
