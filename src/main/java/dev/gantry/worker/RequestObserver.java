package dev.gantry.worker;

import dev.gantry.admission.WaitReason;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Rejection;
import dev.gantry.metering.MeterReading;

import org.jspecify.annotations.Nullable;

import java.time.Instant;

/** Sees what happens and changes nothing: metrics and the log listen here. */
public interface RequestObserver {
    void attemptEnded(InferenceRequest request, Attempt attempt, MeterReading reading);

    /** The request stands in line; until is null where nobody knows. */
    void waiting(InferenceRequest request, WaitReason reason, @Nullable Instant until);

    void concluded(Conclusion conclusion);

    void rejected(Rejection rejection);
}
