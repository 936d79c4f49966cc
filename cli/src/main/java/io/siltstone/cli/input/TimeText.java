package io.siltstone.cli.input;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalQueries;
import org.jspecify.annotations.Nullable;

/**
 * Reads a time as people and programs write it: ISO 8601 dates and times, with a blank or a T between, with or without
 * an offset (without one, UTC), or a number of seconds or milliseconds since the epoch. Remembers the last answer, since
 * times repeat. Confined to one thread.
 */
public final class TimeText {
    private static final int SECONDS_DIGITS = 11;
    private static final DateTimeFormatter FORMAT = new DateTimeFormatterBuilder()
            .append(DateTimeFormatter.ISO_LOCAL_DATE)
            .optionalStart()
            .appendPattern("['T'][' ']")
            .append(DateTimeFormatter.ISO_LOCAL_TIME)
            .optionalEnd()
            .optionalStart()
            .appendOffset("+HH:mm", "Z")
            .optionalEnd()
            .toFormatter();

    private @Nullable String lastText;
    private long lastMillis;

    /**
     * Milliseconds since the epoch.
     *
     * @throws IllegalArgumentException if the text is no time
     */
    public long millis(String text) {
        if (!text.equals(lastText)) {
            lastMillis = parse(text.strip());
            lastText = text;
        }
        return lastMillis;
    }

    private static long parse(String text) {
        try {
            if (isNumber(text)) {
                long number = Long.parseLong(text);
                return text.length() <= SECONDS_DIGITS ? Math.multiplyExact(number, 1_000L) : number;
            }
            TemporalAccessor parsed = FORMAT.parse(text);
            LocalDate date = LocalDate.from(parsed);
            ZoneId zone = parsed.query(TemporalQueries.zone());
            LocalDateTime time = parsed.query(TemporalQueries.localTime()) == null
                    ? date.atStartOfDay()
                    : LocalDateTime.from(parsed);
            return time.atZone(zone == null ? ZoneOffset.UTC : zone).toInstant().toEpochMilli();
        } catch (DateTimeException | NumberFormatException e) {
            throw new IllegalArgumentException(
                    "not a time: " + text
                            + " (write 2026-03-01, 2026-03-01T12:30, 2026-03-01T12:30:00Z or milliseconds)",
                    e);
        }
    }

    private static boolean isNumber(String text) {
        int digits = 0;
        for (int i = 0; i < text.length(); i++) {
            if (Character.isDigit(text.charAt(i))) {
                digits++;
            } else if (i > 0 || text.charAt(0) != '-') {
                return false;
            }
        }
        return digits > 0;
    }
}
