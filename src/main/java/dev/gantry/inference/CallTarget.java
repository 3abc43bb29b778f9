package dev.gantry.inference;

/**
 * Where the calls of a lane go, and with which credential: carried along with a route, and opened
 * only by whoever makes the calls. Two that are equal lead to the same place in the same way.
 */
public interface CallTarget {
    /** {@code provider:instance}, as operators name it. */
    String id();

    /** The wire protocol that is spoken there: with most, OpenAI's. */
    default Dialect dialect() {
        return Dialect.OPENAI;
    }

    /** Whose error codes apply there. */
    String vendor();
}
