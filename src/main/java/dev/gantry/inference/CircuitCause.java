package dev.gantry.inference;

import org.jspecify.annotations.Nullable;

/**
 * Why a circuit is as it is.
 *
 * @param kind of the failure; null: an operator's word, or nothing has happened yet
 * @param reason for people; at most 500 characters
 * @param actor the worker or operator who moved it
 */
public record CircuitCause(@Nullable ErrorKind kind, String reason, String actor) {
    /** In characters. */
    public static final int LONGEST_REASON = 500;

    /** Nothing has happened yet. */
    public static final CircuitCause NONE = new CircuitCause(null, "", "");

    public CircuitCause {
        reason = tidy(reason);
        actor = tidy(actor);
    }

    /** The same, of another mover. */
    public CircuitCause by(String other) {
        return new CircuitCause(kind, reason, other);
    }

    /** A provider's words may hold what neither a log line nor a table takes. */
    public static String tidy(String reason) {
        StringBuilder kept = new StringBuilder();
        int left = LONGEST_REASON;
        for (int at = 0; at < reason.length() && left > 0; left--) {
            int point = reason.codePointAt(at);
            at += Character.charCount(point);
            boolean printable = !Character.isISOControl(point) && !surrogate(point);
            kept.appendCodePoint(printable ? point : ' ');
        }
        return kept.toString().strip();
    }

    /** Half of a pair has no UTF-8. */
    private static boolean surrogate(int point) {
        return point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE;
    }
}
