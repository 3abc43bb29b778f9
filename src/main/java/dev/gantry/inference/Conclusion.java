package dev.gantry.inference;

import java.util.List;

/**
 * A request's end with everything that was tried on the way.
 *
 * @param attempts in the order of dispatch
 */
public record Conclusion(InferenceRequest request, Outcome outcome, List<Attempt> attempts) {
    public Conclusion {
        attempts = List.copyOf(attempts);
    }
}
