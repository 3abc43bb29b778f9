package dev.gantry.worker;

import dev.gantry.inference.Attempt;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.Rejection;
import dev.gantry.metering.MeterReading;

/** Sees what happens and changes nothing: metrics and the log listen here. */
public interface Witness {
    void attemptEnded(Attempt attempt, MeterReading reading);

    void concluded(Conclusion conclusion);

    void rejected(Rejection rejection);
}
