package dev.gantry.traffic;

/** What a call tells of a lane's room. */
public enum Told {
    /** The lane did its work. */
    ANSWERED,
    /** The lane's limit was reached. */
    REFUSED,
    /** The lane was overloaded; how much it takes is not said. */
    STRAINED,
    /** It tells nothing. */
    NOTHING
}
