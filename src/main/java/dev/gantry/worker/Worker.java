package dev.gantry.worker;

import dev.gantry.delivery.Delivery;
import dev.gantry.escalation.EscalationLoop;
import dev.gantry.escalation.Halt;
import dev.gantry.escalation.Progress;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Outcome;
import dev.gantry.inference.Rejection;
import dev.gantry.memory.ByteBudget;
import dev.gantry.memory.Hold;
import dev.gantry.outbox.PendingAcks;
import dev.gantry.routing.Route;
import dev.gantry.routing.Router;

import java.time.InstantSource;

/**
 * The whole job in one place: choose a route, climb it, hand the outcome on. Start reading here.
 */
public final class Worker implements RequestHandler {
    private static final Stage DONE = new Stage.Done();

    private final Router router;
    private final EscalationLoop escalation;
    private final Delivery delivery;
    private final RouteReports reports;
    private final Witness witness;
    private final WriteAhead writeAhead;
    private final ByteBudget budget;
    private final InstantSource clock;

    public Worker(
            Router router,
            EscalationLoop escalation,
            Delivery delivery,
            RouteReports reports,
            Witness witness,
            WriteAhead writeAhead,
            ByteBudget budget,
            InstantSource clock) {
        this.router = router;
        this.escalation = escalation;
        this.delivery = delivery;
        this.reports = reports;
        this.witness = witness;
        this.writeAhead = writeAhead;
        this.budget = budget;
        this.clock = clock;
    }

    @Override
    public Stage work(InferenceRequest request, Flight flight, Completion completion)
            throws InterruptedException {
        PendingAcks acks = delivery.open(request, completion::safe);
        Route route = router.route(request);
        try (Hold hold = budget.hold()) {
            Progress progress =
                    escalation.run(
                            request,
                            route,
                            flight.cancellation(),
                            hold,
                            journal(request, flight, acks));
            return settle(progress, route, acks, completion);
        }
    }

    @Override
    public Stage resume(
            InferenceRequest request, Parked parked, Flight flight, Completion completion)
            throws InterruptedException {
        PendingAcks acks = parked.acks();
        try (Hold hold = budget.hold()) {
            Progress progress =
                    escalation.resume(
                            request,
                            parked.halt(),
                            flight.cancellation(),
                            hold,
                            journal(request, flight, acks));
            return settle(progress, parked.halt().route(), acks, completion);
        }
    }

    private Stage settle(Progress progress, Route route, PendingAcks acks, Completion completion) {
        return switch (progress) {
            case Progress.Halted(Halt halt) -> new Parked(acks, halt);
            case Progress.Ended(Conclusion conclusion) -> {
                delivery.conclude(conclusion, reports.summary(route), acks);
                witness.concluded(conclusion);
                if (conclusion.outcome() instanceof Outcome.Abandoned) {
                    completion.abandoned();
                }
                yield DONE;
            }
        };
    }

    private Journal journal(InferenceRequest request, Flight flight, PendingAcks acks) {
        return new Journal(request, flight, acks, delivery, reports, witness, writeAhead, clock);
    }

    @Override
    public void reject(Rejection rejection, Completion completion) {
        delivery.deadLetter(rejection, completion::safe);
        witness.rejected(rejection);
    }
}
