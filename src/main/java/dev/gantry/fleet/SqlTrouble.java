package dev.gantry.fleet;

import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLTransientConnectionException;
import java.util.Set;

/** Why a statement failed, read off the SQL state. */
record SqlTrouble(Kind kind, String reason) {
    /** What can be done about it. */
    enum Kind {
        UNREACHABLE,
        NOT_ALLOWED,
        OTHER
    }

    private static final String NOT_ALLOWED = "42501";

    /**
     * Besides connections (08), refused logins (28), the operator's stops (57P) and lack of
     * resources (53): a database not created yet, and what two creators of one schema may meet.
     */
    private static final Set<String> PASSING = Set.of("3D000", "40001", "40P01");

    static SqlTrouble of(Throwable error) {
        SQLException innermost = null;
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                innermost = sql;
            }
        }
        if (innermost == null) {
            return new SqlTrouble(Kind.OTHER, firstLine(error));
        }
        return new SqlTrouble(kind(innermost), firstLine(innermost));
    }

    private static Kind kind(SQLException error) {
        String state = error.getSQLState();
        if (NOT_ALLOWED.equals(state)) {
            return Kind.NOT_ALLOWED;
        }
        boolean connection =
                error instanceof SQLTransientConnectionException
                        || error instanceof SQLNonTransientConnectionException;
        boolean passing =
                state != null
                        && (state.startsWith("08")
                                || state.startsWith("28")
                                || state.startsWith("57P")
                                || state.startsWith("53")
                                || PASSING.contains(state));
        return connection || passing ? Kind.UNREACHABLE : Kind.OTHER;
    }

    private static String firstLine(Throwable error) {
        String message = error.getMessage();
        return message == null
                ? error.getClass().getSimpleName()
                : message.lines().findFirst().orElse("");
    }
}
