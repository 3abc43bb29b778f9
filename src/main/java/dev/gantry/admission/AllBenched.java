package dev.gantry.admission;

import dev.gantry.circuit.Circuits;
import dev.gantry.circuit.state.LaneAvailability;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What the circuits say of all lanes that a request would take.
 *
 * @param nothingElse whether no lane is open, not even to others
 * @param until when the first may reopen; null where only an operator can
 */
record AllBenched(boolean nothingElse, @Nullable Instant until, String reasons) {
    static AllBenched of(AdmissionRequest request, Circuits circuits) {
        boolean open = false;
        Instant until = null;
        List<String> reasons = new ArrayList<>();
        for (Candidate candidate : request.candidates()) {
            switch (circuits.availability(candidate.lane())) {
                case LaneAvailability.Admitted _ -> {
                    open = true;
                    Instant now = circuits.now();
                    until = sooner(until, candidate.from().isAfter(now) ? candidate.from() : now);
                }
                case LaneAvailability.Gone _ ->
                        reasons.add(candidate.lane() + ": no longer offered");
                case LaneAvailability.HalfOpen(var _, var _, String reason) -> {
                    until = sooner(until, circuits.now());
                    reasons.add(candidate.lane() + ": half-open, " + reason);
                }
                case LaneAvailability.Benched(Instant reopens, var _, String reason) -> {
                    until = reopens == null ? until : sooner(until, reopens);
                    reasons.add(
                            candidate.lane()
                                    + (reopens == null
                                            ? ": denied, " + reason
                                            : ": benched until " + reopens + ", " + reason));
                }
            }
        }
        return new AllBenched(!open, until, String.join("; ", reasons));
    }

    private static Instant sooner(@Nullable Instant one, Instant other) {
        return one == null || other.isBefore(one) ? other : one;
    }
}
