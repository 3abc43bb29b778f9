package dev.gantry.outbox;

import dev.gantry.event.OutboundRecord;

/** Where answers go that the broker will not carry; whoever has a result's id finds them there. */
public interface AnswerStore {
    /** For those who have no database: every answer is refused. */
    AnswerStore NONE = (_, _, _) -> false;

    /**
     * Returns once the answer is kept; true also if it is there already.
     *
     * @param id of the result
     * @param result the whole of it, as it would have been published
     * @return false if it will never be taken, however often it is tried
     * @throws RuntimeException if it may be taken later
     */
    boolean keep(String id, String requestId, OutboundRecord result);
}
