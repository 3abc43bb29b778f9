package dev.gantry.dialect;

/**
 * Something of a request that a dialect has no form for. Without a stack: it is the request's
 * matter, and it ends at the dialect's door.
 */
public final class Unsayable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * @param member where it stands; no word of the caller's
     */
    public Unsayable(String member, String why) {
        super(member + ": " + why, null, false, false);
    }

    /** What it comes to. */
    public Translation.Untranslatable refusal() {
        return new Translation.Untranslatable(String.valueOf(getMessage()));
    }
}
