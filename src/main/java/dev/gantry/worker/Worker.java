package dev.gantry.worker;

import dev.gantry.delivery.Delivery;
import dev.gantry.delivery.Receipt;
import dev.gantry.escalation.EscalationLoop;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Outcome;
import dev.gantry.inference.Rejection;
import dev.gantry.routing.Route;
import dev.gantry.routing.Router;

import java.time.InstantSource;

/**
 * The whole job in one place: choose a route, climb it, hand the outcome on. Start reading here.
 */
public final class Worker implements RequestHandler {
    private final Router router;
    private final EscalationLoop escalation;
    private final Delivery delivery;
    private final Witness witness;
    private final WriteAhead writeAhead;
    private final InstantSource clock;

    public Worker(
            Router router,
            EscalationLoop escalation,
            Delivery delivery,
            Witness witness,
            WriteAhead writeAhead,
            InstantSource clock) {
        this.router = router;
        this.escalation = escalation;
        this.delivery = delivery;
        this.witness = witness;
        this.writeAhead = writeAhead;
        this.clock = clock;
    }

    @Override
    public void work(InferenceRequest request, Flight flight, Completion completion)
            throws InterruptedException {
        Receipt receipt = delivery.open(request, completion::safe);
        Journal journal =
                new Journal(request, flight, receipt, delivery, witness, writeAhead, clock);
        Route route = router.route(request);
        Conclusion conclusion = escalation.run(request, route, flight.cancellation(), journal);
        delivery.conclude(conclusion, RouteReports.of(route), receipt);
        witness.concluded(conclusion);
        if (conclusion.outcome() instanceof Outcome.Abandoned) {
            completion.abandoned();
        }
    }

    @Override
    public void reject(Rejection rejection, Completion completion) {
        delivery.deadLetter(rejection, completion::safe);
        witness.rejected(rejection);
    }
}
