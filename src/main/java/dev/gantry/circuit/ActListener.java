package dev.gantry.circuit;

import dev.gantry.inference.OperatorAct;

/** Publishes what operators did. */
public interface ActListener {
    /**
     * Called once fleet-wide for each act; again, maybe on another worker, if this one ends before
     * it has said that the act is told.
     *
     * @param told to be run once the act is safe where it was published; never blocks
     */
    void acted(OperatorAct act, Runnable told);
}
