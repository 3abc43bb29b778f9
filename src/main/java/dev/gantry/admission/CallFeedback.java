package dev.gantry.admission;

/** What a call tells of a lane's room. */
public enum CallFeedback {
    /** The lane did its work. */
    ANSWERED,
    /** The lane's limit was reached, and it said until when. */
    REFUSED,
    /** The lane's limit was reached: the pace is a little too fast. */
    SLOWED,
    /** The lane was overloaded; how much it takes is not said. */
    STRAINED,
    /** It tells nothing. */
    NOTHING
}
