package dev.gantry.inference;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.util.List;

/**
 * A request's end with everything that was tried on the way.
 *
 * @param attempts in the order of dispatch
 * @param sessionCost of its session in US dollars, as far as known here; null: no session's cap
 *     applies
 */
public record Conclusion(
        InferenceRequest request,
        Outcome outcome,
        List<Attempt> attempts,
        @Nullable BigDecimal sessionCost) {
    public Conclusion {
        attempts = List.copyOf(attempts);
    }

    /** The attempt that the end rests on, else the last dispatched; null: none was made. */
    public @Nullable Attempt decisive() {
        return switch (outcome) {
            case Outcome.Succeeded(Attempt selected) -> selected;
            case Outcome.Refused(Attempt refused) -> refused;
            case Outcome.Failed _, Outcome.Abandoned _ ->
                    attempts.isEmpty() ? null : attempts.getLast();
        };
    }

    /** Where no session's cap applies. */
    public Conclusion(InferenceRequest request, Outcome outcome, List<Attempt> attempts) {
        this(request, outcome, attempts, null);
    }
}
