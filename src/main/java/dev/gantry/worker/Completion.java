package dev.gantry.worker;

/**
 * How a record's work ends, for its offset. Exactly one of the two is called, once, from any
 * thread.
 */
public interface Completion {
    /** Every record the request leaves behind is safe: its offset is done. */
    void safe();

    /** The work was given up: the record is to be delivered again. */
    void abandoned();
}
