package dev.gantry.handover;

import dev.gantry.inference.SourcePosition;

import java.util.Collection;

/** The requests of this worker's partitions that other workers finish. Any thread. */
public interface HeldRequests {
    Collection<SourcePosition> heldElsewhere();

    /** It is done: so is its offset. */
    void done(SourcePosition request);

    /** Nobody works on it any more: it is this worker's. */
    void released(SourcePosition request);
}
