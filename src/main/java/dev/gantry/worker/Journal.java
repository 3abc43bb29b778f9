package dev.gantry.worker;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import dev.gantry.admission.WaitReason;
import dev.gantry.delivery.Delivery;
import dev.gantry.escalation.AttemptJournal;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.outbox.PendingAcks;
import dev.gantry.routing.Route;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;

/** One request's attempts on their way to the meter and the audit. */
record Journal(
        InferenceRequest request,
        Route route,
        Flight flight,
        PendingAcks acks,
        Delivery delivery,
        RouteReports reports,
        Witness witness,
        WriteAhead writeAhead,
        InstantSource clock)
        implements AttemptJournal {
    /**
     * Any deadline beyond it is as good as none, and some would not fit a count of milliseconds.
     */
    private static final Duration LONGEST = Duration.ofDays(365);

    @Override
    public boolean dispatching(Attempt.Dispatch dispatch) throws InterruptedException {
        flight.calling(dispatch.lane());
        return writeAhead == WriteAhead.OFF || awaitSafe(dispatch);
    }

    /**
     * Given up while waiting: the call that follows ends at once, with nothing sent, and says so.
     */
    private boolean awaitSafe(Attempt.Dispatch dispatch) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        try (var _ = flight.cancellation().onCancel(done::countDown)) {
            delivery.dispatching(request, dispatch, route.prices(), acks, done::countDown);
            Duration left = request.deadline().left(clock.instant());
            return done.await(
                    left.compareTo(LONGEST) < 0 ? left.toMillis() : LONGEST.toMillis(),
                    MILLISECONDS);
        }
    }

    @Override
    public void waiting(WaitReason reason, @Nullable Instant until) {
        witness.waiting(request, reason, until);
        if (reason == WaitReason.BENCHED) {
            delivery.waiting(request, "every lane is benched or has just failed", until, acks);
        }
    }

    @Override
    public void ended(Attempt attempt) {
        flight.calling(null);
        reports.ended(attempt);
        witness.attemptEnded(
                attempt, delivery.attemptEnded(request, attempt, route.prices(), acks));
    }
}
