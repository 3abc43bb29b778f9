package dev.gantry.admission;

import dev.gantry.inference.LaneId;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.function.Predicate;

/** A request's place in the line. */
public interface QueuedRequest {
    WaitReason reason();

    /** Whether it would go on if a worker had room for it: one of its lanes takes calls. */
    boolean wantsOnlyRoom(Predicate<LaneId> takesCalls);

    /** When the first of its lanes may reopen; null where that is not known. */
    @Nullable Instant until();

    /** Runs once the wait is over, at once if it already is; must not block. Once. */
    void whenOver(Runnable then);

    /** After the wait: the leave to call, or null if the time ran out or things have changed. */
    @Nullable Permit permit();

    /**
     * Leaves the line; nothing runs any more. A permit that was granted meanwhile is given back.
     */
    void leave();
}
