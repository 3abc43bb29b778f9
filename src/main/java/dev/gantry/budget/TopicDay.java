package dev.gantry.budget;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;

/**
 * What a topic's requests may spend is counted by the day.
 *
 * @param date in UTC
 */
public record TopicDay(String topic, LocalDate date) {
    static TopicDay of(String topic, Instant now) {
        return new TopicDay(topic, LocalDate.ofInstant(now, ZoneOffset.UTC));
    }

    /** When the next day begins, with nothing spent. */
    public Instant resets() {
        return date.plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant();
    }

    @Override
    public String toString() {
        return "topic %s on %s (UTC)".formatted(topic, date);
    }
}
