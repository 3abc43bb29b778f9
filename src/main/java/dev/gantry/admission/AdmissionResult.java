package dev.gantry.admission;

import org.jspecify.annotations.Nullable;

import java.time.Instant;

/** What came of asking. */
public sealed interface AdmissionResult {
    /** The call may go out. */
    record Granted(Permit permit) implements AdmissionResult {}

    /** No lane takes it now; it stands in line. */
    record Waiting(QueuedRequest queued) implements AdmissionResult {}

    /**
     * Every candidate is benched, and the request does not wait.
     *
     * @param until when the first may reopen; null where only an operator can
     * @param reasons of each lane
     */
    record AllBenched(@Nullable Instant until, String reasons) implements AdmissionResult {}
}
