package dev.gantry.circuit;

import java.time.Duration;
import java.time.Instant;

/**
 * What an operator wants done.
 *
 * @param actor who it is; part of every transition that follows
 */
public record OperatorAction(CircuitTarget target, Deed deed, String reason, String actor) {
    public OperatorAction {
        if (reason.length() > Cause.LONGEST_REASON) {
            throw new IllegalArgumentException(
                    "reason: %d characters; allowed are %d"
                            .formatted(reason.length(), Cause.LONGEST_REASON));
        }
    }

    /** One of open, deny, reset. */
    public sealed interface Deed {}

    /** Bench for a time; then a probe decides. A denied circuit stays denied. */
    public record Open(Duration time) implements Deed {
        private static final Duration LONGEST = Duration.ofDays(365);

        public Open {
            if (!time.isPositive() || time.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException(
                        "open for %s; allowed is more than 0s, at most 365d".formatted(time));
            }
            time = Duration.ofMillis(Math.max(1, time.toMillis()));
        }
    }

    /** Bench until reset, whatever happens. */
    public record Deny() implements Deed {}

    /** As new: closed, and nothing remembered. */
    public record Reset() implements Deed {}

    Event.Order order(Instant now) {
        Cause cause = new Cause(null, reason, actor);
        return switch (deed) {
            case Open(Duration time) -> new Event.Opened(now, time, cause);
            case Deny _ -> new Event.Forbidden(now, cause);
            case Reset _ -> new Event.Reset(now, cause);
        };
    }
}
