package dev.gantry.traffic;

import dev.gantry.circuit.Circuits;
import dev.gantry.circuit.Standing;

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
    static AllBenched of(Ask ask, Circuits circuits) {
        boolean open = false;
        Instant until = null;
        List<String> reasons = new ArrayList<>();
        for (Candidate candidate : ask.candidates()) {
            switch (circuits.standing(candidate.lane())) {
                case Standing.Admitted _ -> {
                    open = true;
                    Instant now = circuits.now();
                    until = sooner(until, candidate.from().isAfter(now) ? candidate.from() : now);
                }
                case Standing.HalfOpen(var _, var _, String reason) -> {
                    until = sooner(until, circuits.now());
                    reasons.add(candidate.lane() + ": half-open, " + reason);
                }
                case Standing.Benched(Instant reopens, var _, String reason) -> {
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
