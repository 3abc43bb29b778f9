package dev.gantry.inference;

/** One way in which a lane gets another body than the caller wrote. */
public sealed interface Change {
    /** The top-level member that is concerned, as it would have been sent. */
    String member();

    /** It is left out. */
    record Dropped(String member) implements Change {}

    /** Its value goes out under another name. */
    record Renamed(String member, String to) implements Change {}

    /**
     * An output limit is lowered.
     *
     * @param limit tokens, at least 1
     */
    record Clamped(String member, long limit) implements Change {}
}
