package dev.gantry.secret;

import org.jspecify.annotations.Nullable;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/** What was thrown, with its causes, as a log shows it: without the secrets in the messages. */
@SuppressWarnings("OverrideThrowableToString") // it names the class of what was thrown
final class ScrubbedThrowable extends Throwable {
    private static final int LONGEST = 16 << 10;

    private final String className;
    private final String shown;

    private ScrubbedThrowable(Throwable thrown, Set<Throwable> seen) {
        super(
                thrown.getMessage() == null ? null : Scrubber.masked(thrown.getMessage(), LONGEST),
                copy(thrown.getCause(), seen),
                true,
                true);
        this.className = thrown.getClass().getName();
        this.shown = Scrubber.masked(thrown.toString(), LONGEST);
        setStackTrace(thrown.getStackTrace());
        for (Throwable each : thrown.getSuppressed()) {
            ScrubbedThrowable suppressed = copy(each, seen);
            if (suppressed != null) {
                addSuppressed(suppressed);
            }
        }
    }

    /** Null: neither this nor a cause of it holds a secret. */
    static @Nullable ScrubbedThrowable of(Throwable thrown) {
        return tells(thrown, seen()) ? copy(thrown, seen()) : null;
    }

    private static @Nullable ScrubbedThrowable copy(
            @Nullable Throwable thrown, Set<Throwable> seen) {
        return thrown != null && seen.add(thrown) ? new ScrubbedThrowable(thrown, seen) : null;
    }

    @SuppressWarnings("ReferenceEquality") // what is unchanged is the very same
    private static boolean tells(@Nullable Throwable thrown, Set<Throwable> seen) {
        if (thrown == null || !seen.add(thrown)) {
            return false;
        }
        String text = thrown.toString();
        if (Scrubber.masked(text, LONGEST) != text || tells(thrown.getCause(), seen)) {
            return true;
        }
        for (Throwable each : thrown.getSuppressed()) {
            if (tells(each, seen)) {
                return true;
            }
        }
        return false;
    }

    /** Causes may go round in a circle. */
    private static Set<Throwable> seen() {
        return Collections.newSetFromMap(new IdentityHashMap<>());
    }

    String className() {
        return className;
    }

    @Override
    public String toString() {
        return shown;
    }
}
