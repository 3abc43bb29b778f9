package dev.gantry.simulator;

/** A good answer's body, in three pieces: an answer may be larger than the heap. */
interface GoodAnswer {
    /** The whole answer up to its text. */
    String beforeText();

    String text();

    /** The whole answer after its text. */
    String afterText();

    default String whole() {
        return beforeText() + text() + afterText();
    }
}
