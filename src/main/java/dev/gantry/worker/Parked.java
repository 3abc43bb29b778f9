package dev.gantry.worker;

import dev.gantry.admission.WaitReason;
import dev.gantry.escalation.Halt;
import dev.gantry.outbox.PendingAcks;

/**
 * A request that waits for a lane: it holds no slot and no thread, and all of it but its body. Take
 * up its work with {@link RequestHandler#resume} once its wait is over.
 */
public final class Parked implements Stage {
    private final PendingAcks acks;
    private final Halt halt;

    Parked(PendingAcks acks, Halt halt) {
        this.acks = acks;
        this.halt = halt;
    }

    /**
     * Whether only a slot or memory of this worker is wanting, so that fetching more would not
     * help.
     */
    public boolean inLine() {
        return halt.queued().reason() == WaitReason.SLOTS
                || halt.queued().reason() == WaitReason.MEMORY;
    }

    /** Whether a lane has been called for it already: given up now, that would be done again. */
    public boolean begun() {
        return halt.begun();
    }

    /** Runs once the wait is over, at once if it already is; must not block. */
    public void whenOver(Runnable then) {
        halt.queued().whenOver(then);
    }

    /** Gives the work up: the request leaves its line. */
    public void leave() {
        halt.queued().leave();
    }

    PendingAcks acks() {
        return acks;
    }

    Halt halt() {
        return halt;
    }
}
