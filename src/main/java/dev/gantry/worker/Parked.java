package dev.gantry.worker;

import dev.gantry.delivery.Receipt;
import dev.gantry.escalation.Halt;
import dev.gantry.traffic.Why;

/**
 * A request that waits for a lane: it holds no slot and no thread, and all of it but its body. Take
 * up its work with {@link RequestHandler#resume} once its wait is over.
 */
public final class Parked implements Stage {
    private final Receipt receipt;
    private final Halt halt;

    Parked(Receipt receipt, Halt halt) {
        this.receipt = receipt;
        this.halt = halt;
    }

    /**
     * Whether only a slot or memory of this worker is wanting, so that fetching more would not
     * help.
     */
    public boolean inLine() {
        return halt.place().why() == Why.SLOTS || halt.place().why() == Why.MEMORY;
    }

    /** Whether a lane has been called for it already: given up now, that would be done again. */
    public boolean begun() {
        return halt.begun();
    }

    /** Runs once the wait is over, at once if it already is; must not block. */
    public void whenOver(Runnable then) {
        halt.place().whenOver(then);
    }

    /** Gives the work up: the request leaves its line. */
    public void leave() {
        halt.place().leave();
    }

    Receipt receipt() {
        return receipt;
    }

    Halt halt() {
        return halt;
    }
}
