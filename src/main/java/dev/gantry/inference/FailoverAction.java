package dev.gantry.inference;

/** What an ended call asks for: the column "next" of the routing rules, section 3. */
public enum FailoverAction {
    /** The request is answered. */
    RETURN,
    /** The provider's answer ends the request: asking elsewhere would be shopping around. */
    STOP,
    /** We were told to give up. */
    ABANDON,
    /** The answer exists and is paid for, but nobody can carry it. */
    TOO_LARGE,
    /** Somebody has read the beginning of its answer: nobody else may go on with another. */
    BROKEN_OFF,
    /** Only a bug of ours can have done this. */
    FAIL,
    /** Only a lane with a larger window can help. */
    LARGER_WINDOW,
    /** Nothing was sent, or the connection was dead before we wrote: the same lane once more. */
    SAME_LANE,
    /** The same lane once more, with what it refused left out of the request. */
    REPAIR,
    /** A lane of another provider, once: what is refused is a matter of this one's own schema. */
    OTHER_PROVIDER,
    /** Another lane; this one may be well again later. */
    NEXT_LANE,
    /** Another lane; this one will not do for this request however long it waits. */
    OTHER_LANE;

    /** Whether the lane may be asked again in a later round (routing rules, section 2). */
    public boolean mayReopen() {
        return this == SAME_LANE || this == REPAIR || this == NEXT_LANE;
    }

    /** Whether the request is not ended by it. */
    public boolean goesOn() {
        return switch (this) {
            case RETURN, STOP, ABANDON, TOO_LARGE, BROKEN_OFF, FAIL -> false;
            case LARGER_WINDOW, SAME_LANE, REPAIR, NEXT_LANE, OTHER_LANE, OTHER_PROVIDER -> true;
        };
    }

    /** Whether the same lane is called again at once, and that call is what counts. */
    public boolean inPlace() {
        return this == SAME_LANE || this == REPAIR;
    }
}
