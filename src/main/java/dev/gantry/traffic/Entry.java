package dev.gantry.traffic;

import org.jspecify.annotations.Nullable;

import java.time.Instant;

/** What came of asking. */
public sealed interface Entry {
    /** The call may go out. */
    record Granted(Permit permit) implements Entry {}

    /** No lane takes it now; it stands in line. */
    record Waiting(Place place) implements Entry {}

    /**
     * Every candidate is benched, and the request does not wait.
     *
     * @param until when the first may reopen; null where only an operator can
     * @param reasons of each lane
     */
    record AllBenched(@Nullable Instant until, String reasons) implements Entry {}
}
