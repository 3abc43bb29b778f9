package dev.gantry.escalation;

import dev.gantry.admission.AdmissionControl;
import dev.gantry.admission.CallFeedback;
import dev.gantry.admission.Permit;
import dev.gantry.budget.BudgetReservation;
import dev.gantry.circuit.Circuits;
import dev.gantry.circuit.Probe;
import dev.gantry.circuit.state.LaneFailure;
import dev.gantry.circuit.state.Opening;
import dev.gantry.escalation.AttemptHistory.Called;
import dev.gantry.escalation.AttemptHistory.Moment;
import dev.gantry.escalation.PlannedCall.Visit;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.Cancellation;
import dev.gantry.inference.Chunk;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.limit.CallUse;
import dev.gantry.memory.Hold;
import dev.gantry.metering.Cost;
import dev.gantry.repair.LearntRepairs;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.time.InstantSource;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * All that one call of one lane takes: its permit with the slot and perhaps the probe's lease, its
 * budget reservation, its memory, its cancellation. Two may live at once for one request, each on
 * its own thread and with a hold of its own. Opened with a permit, run once, told of its meaning
 * once, and closed.
 */
final class LaneAttempt implements AutoCloseable {
    /** What every attempt uses. */
    record Means(
            LaneCall calls,
            Circuits circuits,
            AdmissionControl admission,
            LearntRepairs learnt,
            InstantSource clock) {
        /** What a policy is told of the world now. */
        LaneStates states(LaneStates.Latencies latencies) {
            Instant now = clock.instant();
            return new LaneStates(
                    now,
                    circuits::availability,
                    circuits::well,
                    (lane, body) -> learnt.of(lane, body, now),
                    latencies,
                    admission::queue);
        }
    }

    /**
     * A dispatch on record.
     *
     * @param safe false: not a byte is to be sent
     * @param chunks takes a streamed answer's, or says that one is lost
     * @param leads whether they are to be told: not those of whoever loses a race
     */
    record Recorded(
            PlannedCall plan,
            Attempt.Dispatch dispatch,
            boolean safe,
            Predicate<Chunk> chunks,
            BooleanSupplier leads) {
        /** The same beside another call: whichever asks first leads. */
        Recorded racing(BooleanSupplier first) {
            return new Recorded(plan, dispatch, safe, chunks, first);
        }
    }

    private final Means means;
    private final Permit permit;
    private final Hold hold;

    /** Of the call that is about to be made. */
    private BudgetReservation reservation = BudgetReservation.NONE;

    /** Of this call alone; the request's cancels it too. */
    private final Cancellation cancellation = new Cancellation();

    private final Cancellation.Registration whole;

    /** From here on something may be billed. */
    private boolean begun;

    private @Nullable Called called;
    private boolean told;
    private boolean handedOver;

    private LaneAttempt(Means means, Permit permit, Hold hold, Cancellation request) {
        this.means = means;
        this.permit = permit;
        this.hold = hold;
        this.whole = request.onCancel(cancellation::cancel);
    }

    /**
     * Takes charge of a permit.
     *
     * @param request cancels this call with all others of the request
     * @param hold what the answer takes of the worker's memory; left to whoever gave it
     */
    static LaneAttempt open(Means means, Permit permit, Hold hold, Cancellation request) {
        return new LaneAttempt(means, permit, hold, request);
    }

    /** What the call may cost is set aside: given back by {@link #close} where it was not made. */
    void covered(BudgetReservation by) {
        reservation = by;
    }

    /** Puts the dispatch on record; waits until a byte may be sent, or none is to be. Once. */
    Recorded record(InferenceRequest request, PlannedCall plan, AttemptRecorder recorder)
            throws InterruptedException {
        Attempt.Dispatch dispatch = CallPlanner.dispatch(request, plan, means.clock().instant());
        boolean safe = recorder.dispatching(request, dispatch, cancellation);
        return new Recorded(
                plan, dispatch, safe, chunk -> recorder.chunk(request, chunk), () -> true);
    }

    /** Makes the call. Once. */
    Called call(InferenceRequest request, Recorded recorded) {
        PlannedCall plan = recorded.plan();
        var moment = new Moment(permit.epoch(), means.circuits().now());
        if (counts(plan)) {
            means.circuits().called(plan.lane().id());
        }
        begun = true;
        LaneCall.Result result = means.calls().make(request, recorded, cancellation, hold);
        var call = new Called(plan, result.attempt(), result.heard(), moment, false, null);
        called = call.bodiless(); // this lives on through the next call
        if (call.attempt().succeeded()) {
            means.learnt()
                    .succeeded(plan.lane(), plan.repair(), request.body(), means.clock().instant());
        }
        return call;
    }

    private boolean counts(PlannedCall plan) {
        return plan.visit() == Visit.COUNTED && permit instanceof Permit.Ordinary;
    }

    /** What the call has cost; nothing is set aside for it any more. */
    void settle(Cost cost) {
        reservation.settle(cost);
        reservation = BudgetReservation.NONE;
    }

    /** What its answer takes of the worker's memory. */
    Hold hold() {
        return hold;
    }

    LaneId lane() {
        return permit.lane();
    }

    /** Whether it is the fleet's probe of a half-open lane. */
    boolean probes() {
        return permit instanceof Permit.Probing;
    }

    /** Whether the call was made. */
    boolean made() {
        return called != null;
    }

    /** The call that was made and of which nothing was told yet. */
    @Nullable Called untold() {
        return told || handedOver ? null : called;
    }

    /** Gives the call up, on any thread; one that was not made sends nothing. */
    void cancel() {
        cancellation.cancel();
    }

    /**
     * Tells circuits and admission what the call says of its lane; once, further tellings change
     * nothing.
     *
     * @param failure as far as it is believed; null: nothing against the lane
     * @return what its failure has opened for the fleet
     */
    @Nullable Opening tell(HealthImpact impact, @Nullable LaneFailure failure) {
        Called call = untold();
        if (call == null) {
            return null;
        }
        told = true;
        Opening opening = null;
        switch (permit) {
            case Permit.Probing probing -> answer(probing.probe(), call, impact);
            case Permit.Ordinary _ when call.attempt().succeeded() ->
                    means.circuits().answered(call.lane().id());
            case Permit.Ordinary _ -> {
                if (failure != null) {
                    opening =
                            means.circuits()
                                    .failed(call.lane().id(), call.moment().began(), failure);
                }
            }
        }
        // After the circuits: nobody is let onto a lane that has just refused.
        CallFeedback feedback = impact.feedback();
        boolean refused = feedback == CallFeedback.REFUSED || feedback == CallFeedback.SLOWED;
        means.admission().told(permit, feedback, CallUse.of(call.attempt(), refused));
        return opening;
    }

    /**
     * What the call has met is behind the lane no more: its place is free, a probe is still to be
     * made.
     */
    void tellNothing() {
        Called call = untold();
        if (call == null) {
            return;
        }
        told = true;
        if (permit instanceof Permit.Probing probing) {
            probing.probe().ignored();
        }
        means.admission().told(permit, CallFeedback.NOTHING);
    }

    /** The same of a call that was given up for another: it is none of the lane's calls. */
    void tellLost() {
        Called call = untold();
        if (call != null && counts(call.plan())) {
            means.circuits().uncalled(call.lane().id(), call.moment().began());
        }
        tellNothing();
    }

    private static void answer(Probe probe, Called call, HealthImpact impact) {
        if (call.attempt().succeeded()) {
            probe.succeeded();
        } else if (impact.failure() != null) {
            probe.failed(impact.failure());
        } else {
            probe.ignored();
        }
    }

    /** For the retry in place: the same permit, of which nothing has been told. */
    LaneAttempt again(Cancellation request) {
        means.admission().again(permit);
        return open(means, handOver(), hold, request);
    }

    /** Leaves the permit to whoever makes the next call with its slot. */
    Permit handOver() {
        handedOver = true;
        close();
        return permit;
    }

    /** Gives back what it still has: permit, probe, reservation. */
    @Override
    public void close() {
        whole.close();
        if (!begun) {
            reservation.release();
            reservation = BudgetReservation.NONE;
        }
        if (!handedOver) {
            handedOver = true;
            means.admission().leave(permit);
        }
    }
}
