package dev.gantry.limit;

import dev.gantry.inference.Answer;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptError;
import dev.gantry.inference.Usage;

/** What a call has taken of its lane's limits, as far as that is known. */
public sealed interface CallUse {
    /** It was not made. */
    record Unmade() implements CallUse {}

    /** It was refused: it was asked, and no tokens count. */
    record Refused() implements CallUse {}

    /** Nobody says: what was set aside counts. */
    record Unknown() implements CallUse {}

    /** As the provider has counted. */
    record Counted(Usage usage) implements CallUse {}

    /**
     * Of a call that has ended.
     *
     * @param refused whether it was refused for a limit
     */
    static CallUse of(Attempt attempt, boolean refused) {
        Answer answer = attempt.answer();
        Usage usage = answer == null ? null : answer.usage();
        AttemptError error = attempt.error();
        if (usage != null) {
            return new Counted(usage);
        }
        if (error != null && !error.submitted()) {
            return UNMADE;
        }
        return refused ? REFUSED : UNKNOWN;
    }

    CallUse UNMADE = new Unmade();
    CallUse REFUSED = new Refused();
    CallUse UNKNOWN = new Unknown();
}
