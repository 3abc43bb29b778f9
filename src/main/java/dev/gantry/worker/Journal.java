package dev.gantry.worker;

import dev.gantry.delivery.Delivery;
import dev.gantry.delivery.Receipt;
import dev.gantry.escalation.AttemptJournal;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.InferenceRequest;

import java.util.concurrent.CountDownLatch;

/** One request's attempts on their way to the meter and the audit. */
record Journal(
        InferenceRequest request,
        Flight flight,
        Receipt receipt,
        Delivery delivery,
        Witness witness,
        WriteAhead writeAhead)
        implements AttemptJournal {
    @Override
    public void dispatching(Attempt.Dispatch dispatch) throws InterruptedException {
        flight.calling(dispatch.lane());
        if (writeAhead == WriteAhead.ON) {
            awaitSafe(dispatch);
        }
    }

    /**
     * Given up while waiting: the call that follows ends at once, with nothing sent, and says so.
     */
    private void awaitSafe(Attempt.Dispatch dispatch) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        try (var _ = flight.cancellation().onCancel(done::countDown)) {
            delivery.dispatching(request, dispatch, receipt, done::countDown);
            done.await();
        }
    }

    @Override
    public void ended(Attempt attempt) {
        flight.calling(null);
        witness.attemptEnded(attempt, delivery.attemptEnded(request, attempt, receipt));
    }
}
