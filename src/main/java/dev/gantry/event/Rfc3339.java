package dev.gantry.event;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;

/**
 * Instants as events write them, {@code 2026-11-20T10:00:00.120Z}. Written by hand because a record
 * carries several of them and a DateTimeFormatter takes a microsecond for each.
 */
final class Rfc3339 {
    private static final int SECONDS_PER_DAY = 86_400;

    private Rfc3339() {}

    static String of(Instant instant) {
        return new String(bytes(instant), StandardCharsets.ISO_8859_1);
    }

    static byte[] bytes(Instant instant) {
        long seconds = instant.getEpochSecond();
        LocalDate date = LocalDate.ofEpochDay(Math.floorDiv(seconds, SECONDS_PER_DAY));
        if (date.getYear() < 0 || date.getYear() > 9999) {
            return instant.toString().getBytes(StandardCharsets.ISO_8859_1);
        }
        int second = Math.floorMod(seconds, SECONDS_PER_DAY);
        byte[] text = "0000-00-00T00:00:00.000Z".getBytes(StandardCharsets.ISO_8859_1);
        digits(text, 0, 4, date.getYear());
        digits(text, 5, 2, date.getMonthValue());
        digits(text, 8, 2, date.getDayOfMonth());
        digits(text, 11, 2, second / 3600);
        digits(text, 14, 2, second / 60 % 60);
        digits(text, 17, 2, second % 60);
        digits(text, 20, 3, instant.getNano() / 1_000_000);
        return text;
    }

    /** Writes the last so many digits of a number that is not negative. */
    static void digits(byte[] text, int start, int count, long value) {
        long rest = value;
        for (int i = start + count - 1; i >= start; i--) {
            text[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
    }
}
