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
import dev.gantry.routing.Catalogue;
import dev.gantry.routing.Route;

import java.time.InstantSource;

/**
 * The whole job in one place: choose a route, climb it, hand the outcome on. Start reading here.
 */
public final class Worker implements RequestHandler {
    private static final Stage DONE = new Stage.Done();

    private final Catalogue catalogue;
    private final EscalationLoop escalation;
    private final Delivery delivery;
    private final RouteReports reports;
    private final Witness witness;
    private final WriteAhead writeAhead;
    private final ByteBudget budget;
    private final InstantSource clock;

    public Worker(
            Catalogue catalogue,
            EscalationLoop escalation,
            Delivery delivery,
            RouteReports reports,
            Witness witness,
            WriteAhead writeAhead,
            ByteBudget budget,
            InstantSource clock) {
        this.catalogue = catalogue;
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
        Route route = catalogue.current().router().route(request);
        try (Hold hold = budget.hold()) {
            Progress progress =
                    escalation.run(
                            request,
                            route,
                            flight.cancellation(),
                            hold,
                            journal(request, route, flight, acks));
            return settle(progress, route, flight, acks, completion);
        }
    }

    @Override
    public Stage resume(
            InferenceRequest request, Parked parked, Flight flight, Completion completion)
            throws InterruptedException {
        PendingAcks acks = parked.acks();
        Route route = parked.halt().route();
        try (Hold hold = budget.hold()) {
            Progress progress =
                    escalation.resume(
                            request,
                            parked.halt(),
                            flight.cancellation(),
                            hold,
                            journal(request, route, flight, acks));
            return settle(progress, route, flight, acks, completion);
        }
    }

    private Stage settle(
            Progress progress, Route route, Flight flight, PendingAcks acks, Completion completion)
            throws InterruptedException {
        return switch (progress) {
            case Progress.Halted(Halt halt) -> new Parked(acks, halt);
            case Progress.Stranded stranded -> reroute(stranded, route, flight, acks, completion);
            case Progress.Ended(Conclusion conclusion) -> {
                delivery.conclude(conclusion, reports.summary(route), route.prices(), acks);
                witness.concluded(conclusion);
                if (conclusion.outcome() instanceof Outcome.Abandoned) {
                    completion.abandoned();
                }
                yield DONE;
            }
        };
    }

    /** The catalogue has changed so that nothing of the request's route is left. */
    private Stage reroute(
            Progress.Stranded stranded,
            Route lost,
            Flight flight,
            PendingAcks acks,
            Completion completion)
            throws InterruptedException {
        InferenceRequest request = stranded.request();
        Route route = catalogue.current().router().route(request).pricedFirstBy(lost.prices());
        try (Hold hold = budget.hold()) {
            Progress progress =
                    escalation.reroute(
                            stranded,
                            route,
                            flight.cancellation(),
                            hold,
                            journal(request, route, flight, acks));
            return settle(progress, route, flight, acks, completion);
        }
    }

    private Journal journal(
            InferenceRequest request, Route route, Flight flight, PendingAcks acks) {
        return new Journal(
                request, route, flight, acks, delivery, reports, witness, writeAhead, clock);
    }

    @Override
    public void reject(Rejection rejection, Completion completion) {
        delivery.deadLetter(rejection, completion::safe);
        witness.rejected(rejection);
    }
}
