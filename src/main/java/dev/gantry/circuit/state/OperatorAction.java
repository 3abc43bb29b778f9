package dev.gantry.circuit.state;

import dev.gantry.inference.CircuitCause;
import dev.gantry.inference.CircuitTransition;
import dev.gantry.inference.OperatorAct;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What an operator wants done.
 *
 * @param actor who it is; part of every transition that follows
 */
public record OperatorAction(CircuitTarget target, Deed deed, String reason, String actor) {
    private static final int LONGEST_ACTOR = 100;
    private static final Duration OPEN_FOR = Duration.ofMinutes(10);

    public OperatorAction {
        actor = checkedActor(actor);
        reason = checkedReason(reason);
    }

    /**
     * Who does anything as an operator.
     *
     * @throws IllegalArgumentException that says what is allowed
     */
    public static String checkedActor(String actor) {
        if (actor.isBlank() || actor.length() > LONGEST_ACTOR || unprintable(actor)) {
            throw new IllegalArgumentException(
                    "actor: allowed are 1 to %d printable characters".formatted(LONGEST_ACTOR));
        }
        return actor;
    }

    /**
     * Why; tidied.
     *
     * @throws IllegalArgumentException that says what is allowed
     */
    public static String checkedReason(String reason) {
        if (reason.length() > CircuitCause.LONGEST_REASON) {
            throw new IllegalArgumentException(
                    "reason: %d characters; allowed are %d"
                            .formatted(reason.length(), CircuitCause.LONGEST_REASON));
        }
        return CircuitCause.tidy(reason);
    }

    /**
     * Reads what an operator wrote.
     *
     * @param time how long to open; null: ten minutes
     * @throws IllegalArgumentException that names what is wrong and what is allowed
     */
    public static OperatorAction parse(
            String target, String action, @Nullable String time, String reason, String actor) {
        if (time != null && !action.equals("open")) {
            throw new IllegalArgumentException("for: %s; only open takes a time".formatted(time));
        }
        Deed deed =
                switch (action) {
                    case "open" -> new Open(time == null ? OPEN_FOR : OperatorTime.parse(time));
                    case "deny" -> new Deny();
                    case "reset" -> new Reset();
                    default ->
                            throw new IllegalArgumentException(
                                    "action: %s; allowed are open, deny, reset".formatted(action));
                };
        return new OperatorAction(new CircuitTarget(target), deed, reason, actor);
    }

    private static boolean unprintable(String text) {
        return text.codePoints()
                .anyMatch(
                        each ->
                                Character.isISOControl(each)
                                        || Character.getType(each) == Character.SURROGATE);
    }

    /** One of open, deny, reset. */
    public sealed interface Deed {
        /** The word operators use. */
        default String label() {
            return switch (this) {
                case Open _ -> "open";
                case Deny _ -> "deny";
                case Reset _ -> "reset";
            };
        }
    }

    /** Bench for a time; then a probe decides. A denied circuit stays denied. */
    public record Open(Duration time) implements Deed {
        private static final Duration LONGEST = Duration.ofDays(365);

        public Open {
            if (!time.isPositive() || time.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException(
                        "for: %s; allowed is more than 0s, at most 365d".formatted(time));
            }
            time = Duration.ofMillis(Math.max(1, time.toMillis()));
        }
    }

    /** Bench until reset, whatever happens. */
    public record Deny() implements Deed {}

    /** As new: closed, and nothing remembered. */
    public record Reset() implements Deed {}

    /** What came of it. */
    public OperatorAct act(String id, Instant at, List<CircuitTransition> moves) {
        Duration time = deed instanceof Open(Duration open) ? open : null;
        return new OperatorAct(id, at, actor, target.value(), deed.label(), time, reason, moves);
    }

    public CircuitEvent.Order order(Instant now) {
        CircuitCause cause = new CircuitCause(null, reason, actor);
        return switch (deed) {
            case Open(Duration time) -> new CircuitEvent.Opened(now, time, cause);
            case Deny _ -> new CircuitEvent.Forbidden(now, cause);
            case Reset _ -> new CircuitEvent.Reset(now, cause);
        };
    }
}
