package dev.gantry.escalation;

import dev.gantry.inference.Conclusion;
import dev.gantry.inference.InferenceRequest;

/** How far a climb came before it let go of its thread. */
public sealed interface Progress {
    /** The request has ended. */
    record Ended(Conclusion conclusion) implements Progress {}

    /** No lane takes it now; to be resumed when its wait is over. */
    record Halted(Halt halt) implements Progress {}

    /** The catalogue has changed and nothing of its route is left; to go on with another route. */
    record Stranded(InferenceRequest request, Trail trail) implements Progress {}
}
