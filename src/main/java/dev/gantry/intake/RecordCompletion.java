package dev.gantry.intake;

import dev.gantry.worker.Completion;

import java.util.concurrent.atomic.AtomicBoolean;

/** Ends a ticket once, however often it is told. */
final class RecordCompletion implements Completion {
    private final InFlightRecord inFlight;
    private final AtomicBoolean ended = new AtomicBoolean();

    RecordCompletion(InFlightRecord inFlight) {
        this.inFlight = inFlight;
    }

    @Override
    public void safe() {
        if (ended.compareAndSet(false, true)) {
            inFlight.partition().completed(inFlight);
        }
    }

    @Override
    public void abandoned() {
        if (ended.compareAndSet(false, true)) {
            inFlight.partition().abandoned();
        }
    }
}
