package dev.gantry.inference;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a request's calls may cost, whoever says so: all caps hold, so the tighter wins, and none
 * widens another.
 */
public record Caps(List<Cap> all) {
    public static final Caps NONE = new Caps(List.of());

    public Caps {
        all = List.copyOf(all);
    }

    /**
     * Caps of one source; null is none, 0 is a cap.
     *
     * @param perCall of each call, in US dollars
     * @param session of all calls of the session together
     */
    public static Caps of(
            @Nullable BigDecimal perCall, @Nullable BigDecimal session, OnExceed onExceed) {
        List<Cap> caps = new ArrayList<>(2);
        if (perCall != null) {
            caps.add(new Cap(Scope.CALL, perCall, onExceed));
        }
        if (session != null) {
            caps.add(new Cap(Scope.SESSION, session, onExceed));
        }
        return new Caps(caps);
    }

    /**
     * The cap of a topic's day; beyond it its requests end.
     *
     * @param usd null: none
     */
    public static Caps perDay(@Nullable BigDecimal usd) {
        return usd == null
                ? NONE
                : new Caps(List.of(new Cap(Scope.TOPIC_DAY, usd, OnExceed.ABORT)));
    }

    /** These and others together. */
    public Caps and(Caps others) {
        if (none() || others.none()) {
            return none() ? others : this;
        }
        List<Cap> both = new ArrayList<>(all);
        both.addAll(others.all);
        return new Caps(both);
    }

    /** Whether nothing is capped. */
    public boolean none() {
        return all.isEmpty();
    }

    /**
     * One limit.
     *
     * @param limit US dollars, 0 or more
     */
    public record Cap(Scope scope, BigDecimal limit, OnExceed onExceed) {
        public Cap {
            if (limit.signum() < 0) {
                throw new IllegalArgumentException("a cap of " + limit + "; allowed is 0 or more");
            }
        }
    }

    /** What is capped; a call is tested before its session. */
    public enum Scope {
        CALL("per_call_usd"),
        SESSION("session_usd"),
        /** All calls of the requests of one topic, in a day of UTC. */
        TOPIC_DAY("per_day_usd");

        private final String label;

        Scope(String label) {
            this.label = label;
        }

        /** As requests and events write it. */
        public String label() {
            return label;
        }
    }

    /** What happens where a call would pass a cap; the strictest first. */
    public enum OnExceed {
        /** The request ends. */
        ABORT,
        /** The lane is passed over. */
        SKIP,
        /** The call is made all the same, and that is said. */
        WARN;

        /** As requests and events write it. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
