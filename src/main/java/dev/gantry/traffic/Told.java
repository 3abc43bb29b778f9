package dev.gantry.traffic;

/** What a call tells of a lane's room. */
public enum Told {
    /** The lane did its work. */
    ANSWERED,
    /** The lane had no room: rate limit or overload. */
    REFUSED,
    /** It tells nothing. */
    NOTHING
}
