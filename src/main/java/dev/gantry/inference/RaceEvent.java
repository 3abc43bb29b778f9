package dev.gantry.inference;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Locale;

/** What becomes of a race of two calls for one answer, as routing events tell it. */
public sealed interface RaceEvent {
    Pair pair();

    /**
     * The two.
     *
     * @param after how long the primary was alone
     */
    record Pair(Runner primary, Runner backup, Duration after) {
        /** The other one of the two. */
        public Runner rival(Runner runner) {
            return runner.equals(primary) ? backup : primary;
        }
    }

    /**
     * One of the two calls.
     *
     * @param step of the policy that had them race
     */
    record Runner(AttemptId attempt, LaneId lane, RoutingPolicy.Step step) {}

    /** The second call joins the first. */
    record Started(Pair pair) implements RaceEvent {}

    /** One of them has answered. */
    record Won(Pair pair, Runner winner) implements RaceEvent {}

    /**
     * Why nobody waited for the other one, or why there is no winner.
     *
     * @param winner null: none
     */
    record Lost(Pair pair, @Nullable Runner winner, Reason reason) implements RaceEvent {}

    /** Why a race was lost. */
    enum Reason {
        PRIMARY_FINISHED_FIRST,
        BACKUP_FINISHED_FIRST,
        /** It had failed before the backup answered. */
        PRIMARY_FAILED,
        /** It had failed before the primary answered. */
        BACKUP_FAILED,
        BOTH_FAILED,
        /**
         * One of the providers will not answer this request: asking on would be shopping around.
         */
        REFUSED,
        /** It had begun to stream its answer, and broke off: nobody takes over. */
        BROKEN_OFF,
        /** The request was given up. */
        CANCELLED;

        /** The word used in events. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
