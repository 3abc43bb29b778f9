package dev.gantry.circuit;

import java.util.Locale;

/** What a circuit does with calls. */
public enum CircuitState {
    /** Lets them through. */
    CLOSED,
    /** Holds them back until its time has come. */
    OPEN,
    /** Lets one leased probe through, fleet-wide. */
    HALF_OPEN,
    /** Holds them back until an operator resets it. */
    DENIED;

    /** The word used in the table, events and pages. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
