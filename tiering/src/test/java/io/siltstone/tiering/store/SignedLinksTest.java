package io.siltstone.tiering.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class SignedLinksTest {

    private static final byte[] SECRET = new byte[16];
    private static final Instant NOW = Instant.ofEpochSecond(1_000);

    @Test
    void allowsItsOwnLinkUntilItExpires() {
        Map<String, String> query = query(links(NOW).signedUrl("a/b c", Duration.ofSeconds(2)));
        assertThat(allows(NOW.plusMillis(1_999), "a/b c", query)).isTrue();
        assertThat(allows(NOW.plusMillis(2_000), "a/b c", query)).isFalse();
    }

    @Test
    void refusesALinkToAnotherObjectOrWithAnotherExpiry() {
        Map<String, String> query = query(links(NOW).signedUrl("a/b", Duration.ofSeconds(2)));
        assertThat(allows(NOW, "a/c", query)).isFalse();
        assertThat(links(NOW).allows("a/b", Long.parseLong(value(query, "expires")) + 1, value(query, "signature")))
                .isFalse();
        assertThat(links(NOW).allows("a/b", Long.parseLong(value(query, "expires")), ""))
                .isFalse();
    }

    @Test
    void keepsThePathReadable() {
        assertThat(links(NOW).signedUrl("a/b c", Duration.ofSeconds(2)).getRawPath())
                .isEqualTo("/objects/a/b%20c");
    }

    private static boolean allows(Instant when, String key, Map<String, String> query) {
        return links(when).allows(key, Long.parseLong(value(query, "expires")), value(query, "signature"));
    }

    private static String value(Map<String, String> query, String name) {
        return Objects.requireNonNull(query.get(name), name);
    }

    private static SignedLinks links(Instant now) {
        return new SignedLinks(URI.create("http://127.0.0.1:8080/objects/"), SECRET, Clock.fixed(now, ZoneOffset.UTC));
    }

    private static Map<String, String> query(URI link) {
        return Arrays.stream(link.getRawQuery().split("&", -1))
                .map(pair -> pair.split("=", 2))
                .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
    }
}
