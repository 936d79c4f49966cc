package io.siltstone.cli.history;

import io.siltstone.cli.UsageException;
import io.siltstone.cli.input.TimeText;
import io.siltstone.client.Bound;
import java.time.Instant;

/** Reads where a replay begins or ends: {@code earliest}, {@code latest}, an offset, or a time. */
final class BoundText {
    private BoundText() {}

    static Bound parse(String text) {
        if (text.equals("earliest")) {
            return Bound.earliest();
        }
        if (text.equals("latest")) {
            return Bound.latest();
        }
        if (text.matches("\\d{1,18}")) {
            return Bound.offset(Long.parseLong(text));
        }
        try {
            return Bound.time(Instant.ofEpochMilli(new TimeText().millis(text)));
        } catch (IllegalArgumentException e) {
            throw new UsageException(text + " is not earliest, latest, an offset or a time such as 2026-03-01T12:30Z");
        }
    }
}
