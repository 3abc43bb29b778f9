package dev.gantry.simulator.script;

import java.time.Duration;
import java.time.Instant;

/** A time span in which nothing works, counted from when the script was put in place. */
public record Outage(Duration from, Duration to, Kind kind) {
    public Outage {
        if (from.isNegative()) {
            throw new IllegalArgumentException("from: %s is negative".formatted(from));
        }
        if (to.compareTo(from) <= 0) {
            throw new IllegalArgumentException(
                    "to: %s is not later than from: %s".formatted(to, from));
        }
    }

    /** What callers meet. */
    public enum Kind {
        /** 503 with a body. */
        UNAVAILABLE,
        HANG,
        /** The connection closes without a byte. */
        CUT,
        /** Nobody listens on the port; open connections are reset. For the whole simulator only. */
        REFUSED
    }

    public boolean covers(Instant start, Instant now) {
        return !now.isBefore(start.plus(from)) && now.isBefore(start.plus(to));
    }
}
