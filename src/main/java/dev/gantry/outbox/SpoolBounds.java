package dev.gantry.outbox;

import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * {@code gantry.spool}: how much may wait in PostgreSQL while the broker is down.
 *
 * @param maxRows beyond which no requests are taken; those at work still write what they have
 * @param maxBytes likewise
 */
public record SpoolBounds(
        @DefaultValue("5000000") long maxRows, @DefaultValue("20GB") DataSize maxBytes) {
    public SpoolBounds {
        atLeastOne(maxRows, "max-rows", maxRows, "1 or more");
        atLeastOne(maxBytes.toBytes(), "max-bytes", maxBytes, "1B or more");
    }

    private static void atLeastOne(long amount, String key, Object value, String allowed) {
        if (amount < 1) {
            throw new IllegalArgumentException(
                    "gantry.spool.%s: %s; allowed is %s".formatted(key, value, allowed));
        }
    }
}
