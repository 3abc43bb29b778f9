package dev.gantry.fleet;

import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLTransientConnectionException;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Why a statement failed, read off the SQL state.
 *
 * @param reason one line for people: the database's own words, and what they came from
 */
public record SqlTrouble(Kind kind, String reason) {
    /** What can be done about it. */
    public enum Kind {
        /** Nobody answers, or nobody lets us in: wait. */
        UNREACHABLE,
        /** A right is missing that an operator may grant: wait. */
        NOT_ALLOWED,
        /** The statement, or what it meets, is wrong: it will fail again. */
        FAULT,
        /** All the rest, such as a timeout, a lock, a standby or a full disk: wait. */
        REFUSED
    }

    private static final String NOT_ALLOWED = "42501";

    /** The pool's word, without a state, for a connection that broke earlier in the transaction. */
    private static final String POOLED = "Connection is closed";

    /**
     * Features that this server lacks, data that does not fit, integrity, transaction control,
     * syntax and names, errors that functions raise, damaged pages.
     */
    private static final Set<String> FAULTS =
            Set.of(
                    "0A", "21", "22", "23", "2B", "2F", "38", "39", "42", "44", "P0", "XX001",
                    "XX002");

    /** In the classes above, what two creators of one schema may meet. */
    private static final Set<String> RACES = Set.of("42P06");

    /** The same for the second of them, if the first has not committed yet. */
    private static final String NOT_UNIQUE = "23505";

    /** Names in messages are not translated. */
    private static final Pattern CATALOGUE = Pattern.compile("\\bpg_\\w+_index\\b");

    /** Where a statement needs a transaction of its own, or none. */
    private static final Set<String> MORE_FAULTS = Set.of("25001", "25P01");

    /** Connections, refused logins, the operator's stops, lack of connections, no such database. */
    private static final Set<String> AWAY =
            Set.of("08", "28", "57P01", "57P02", "57P03", "57P04", "57P05", "53300", "3D000");

    /** What the innermost of the database's errors says. */
    public static SqlTrouble of(Throwable error) {
        SQLException innermost = innermost(error);
        return innermost == null
                ? new SqlTrouble(Kind.FAULT, firstLine(error))
                : new SqlTrouble(kind(innermost), reason(innermost));
    }

    /**
     * The same as a sentence's end, such as {@code the database refuses: ERROR: …}; what is none of
     * the database's errors as it is. One line, which quotes no rows.
     */
    public static String sentence(Throwable error) {
        return innermost(error) == null
                ? error.toString().lines().findFirst().orElse("")
                : of(error).sentence();
    }

    /** The kind and the reason. */
    public String sentence() {
        return verdict() + ": " + reason;
    }

    /** The kind, in words that hold nothing foreign. */
    public String verdict() {
        return kind == Kind.UNREACHABLE ? "the database does not answer" : "the database refuses";
    }

    /** What it has stopped is no warning where the database is away: that is said by itself. */
    public Level level() {
        return kind == Kind.UNREACHABLE ? Level.INFO : Level.WARN;
    }

    private static @Nullable SQLException innermost(Throwable error) {
        SQLException innermost = null;
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                innermost = sql;
            }
        }
        return innermost;
    }

    private static Kind kind(SQLException error) {
        String state = error.getSQLState();
        if (state == null) {
            return connection(error) ? Kind.UNREACHABLE : Kind.REFUSED;
        }
        if (state.equals(NOT_ALLOWED)) {
            return Kind.NOT_ALLOWED;
        }
        if (connection(error) || listed(AWAY, state)) {
            return Kind.UNREACHABLE;
        }
        boolean fault = listed(FAULTS, state) || MORE_FAULTS.contains(state);
        return fault && !race(state, firstLine(error)) ? Kind.FAULT : Kind.REFUSED;
    }

    private static boolean race(String state, String said) {
        return RACES.contains(state)
                || (state.equals(NOT_UNIQUE) && CATALOGUE.matcher(said).find());
    }

    private static boolean connection(SQLException error) {
        return POOLED.equals(error.getMessage())
                || error instanceof SQLTransientConnectionException
                || error instanceof SQLNonTransientConnectionException;
    }

    /** Whether the state or its class is among them. */
    private static boolean listed(Set<String> states, String state) {
        return states.contains(state)
                || (state.length() == 5 && states.contains(state.substring(0, 2)));
    }

    /** The first line only: details quote rows. */
    private static String reason(SQLException error) {
        Throwable root = error.getCause();
        while (root != null && root.getCause() != null) {
            root = root.getCause();
        }
        return root == null ? firstLine(error) : firstLine(error) + " " + named(root);
    }

    private static String named(Throwable error) {
        return "(%s: %s)".formatted(error.getClass().getSimpleName(), firstLine(error));
    }

    private static String firstLine(Throwable error) {
        @Nullable String message = error.getMessage();
        return message == null
                ? error.getClass().getSimpleName()
                : message.lines().findFirst().orElse("");
    }
}
