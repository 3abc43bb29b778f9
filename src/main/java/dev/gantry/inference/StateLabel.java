package dev.gantry.inference;

import java.util.Locale;

/** What a circuit does with calls. */
public enum StateLabel {
    /** Lets them through. */
    CLOSED,
    /** Holds them back until its time has come. */
    OPEN,
    /** Lets one leased probe through, fleet-wide. */
    HALF_OPEN,
    /** Holds them back until an operator resets it. */
    DENIED;

    private final String label = name().toLowerCase(Locale.ROOT);

    public boolean holdsBackMoreThan(StateLabel other) {
        return severity() > other.severity();
    }

    /** 0 closed, 1 half-open, 2 open, 3 denied. */
    public int severity() {
        return switch (this) {
            case CLOSED -> 0;
            case HALF_OPEN -> 1;
            case OPEN -> 2;
            case DENIED -> 3;
        };
    }

    /** The word used in the table, events and pages. */
    public String label() {
        return label;
    }
}
