package dev.gantry.inference;

import org.jspecify.annotations.Nullable;

import java.util.Optional;
import java.util.function.Predicate;

/**
 * A request that waits for a lane, and all that is kept of it: neither slot nor thread, and its
 * body only until it is dropped. One thread at a time uses it.
 */
public interface SuspendedRun {
    /**
     * Whether only a slot or memory of this worker is wanting, so that fetching more would not
     * help.
     */
    boolean inLine();

    /**
     * Whether it would go on if some worker had room for it; if not, it waits for its lanes, and
     * more workers would not help.
     *
     * @param takesCalls which lanes take calls now
     */
    boolean wantsOnlyRoom(Predicate<LaneId> takesCalls);

    /** Whether a lane has been called for it already: given up now, that would be done again. */
    boolean begun();

    /** The request; null once its body was dropped. */
    @Nullable InferenceRequest request();

    /** Keeps the request no longer: it can be read again. */
    void dropBody();

    /** Runs once the wait is over, at once if it already is; must not block. Once. */
    void whenOver(Runnable then);

    /** Gives the work up: the request leaves its line. Nothing more happens if it has. */
    void leave();

    /**
     * Goes on where the request stopped, its wait being over.
     *
     * @param request the same, with the same execution, perhaps read again
     * @return what is to be resumed in turn; empty: the last call has ended
     */
    Optional<SuspendedRun> resume(InferenceRequest request) throws InterruptedException;
}
