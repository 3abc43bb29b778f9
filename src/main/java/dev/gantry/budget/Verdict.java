package dev.gantry.budget;

import java.util.List;

/** What became of the wish to make a call. */
public sealed interface Verdict {
    /**
     * It may be made.
     *
     * @param warned caps that it passes all the same
     */
    record Granted(BudgetReservation reservation, List<Exceeded> warned) implements Verdict {
        public Granted {
            warned = List.copyOf(warned);
        }
    }

    /** It may not: as the cap says, the lane is passed over or the request ends. */
    record Refused(Exceeded exceeded) implements Verdict {}

    /** The ledger does not answer, or the request was cancelled; nothing is set aside. */
    record Unanswered() implements Verdict {}
}
