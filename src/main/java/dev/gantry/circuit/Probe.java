package dev.gantry.circuit;

import dev.gantry.circuit.state.LaneFailure;
import dev.gantry.inference.LaneId;

/**
 * The fleet's one leave to call a half-open lane. Close it exactly once with what came of the call;
 * further closings change nothing. The lease lapses with its owner's heartbeat.
 */
public interface Probe {
    LaneId lane();

    /** The lane answered: its circuit closes. */
    void succeeded();

    /** The lane failed again: its circuit opens for longer. */
    void failed(LaneFailure failure);

    /** The call says nothing of the lane's health; somebody else may probe. */
    void ignored();
}
