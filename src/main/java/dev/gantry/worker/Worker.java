package dev.gantry.worker;

import dev.gantry.delivery.Delivery;
import dev.gantry.escalation.EscalationLoop;
import dev.gantry.escalation.EscalationPolicy;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Rejection;
import dev.gantry.inference.SuspendedRun;
import dev.gantry.outbox.ChunkPublisher;
import dev.gantry.outbox.PendingAcks;
import dev.gantry.routing.Catalogue;
import dev.gantry.routing.LiveRoute;

import org.jspecify.annotations.Nullable;

import java.time.InstantSource;
import java.util.Optional;

/**
 * The whole job in one place: choose a route, climb it, hand the outcome on. Start reading here.
 */
public final class Worker implements RequestHandler {
    private final EscalationLoop escalation;
    private final Means means;

    /** Where requests may go, what becomes of their records, and who sees it. */
    public record Means(
            Catalogue catalogue,
            Delivery delivery,
            ChunkPublisher chunks,
            RouteReports reports,
            RequestObserver observer,
            WriteAhead writeAhead,
            InstantSource clock) {}

    public Worker(EscalationLoop escalation, Means means) {
        this.escalation = escalation;
        this.means = means;
    }

    @Override
    public Optional<SuspendedRun> work(
            InferenceRequest request, RequestHandle handle, Completion completion)
            throws InterruptedException {
        PendingAcks acks = means.delivery().open(request, completion::safe);
        LiveRoute route = new LiveRoute(means.catalogue(), request);
        var recorder = new RequestRecorder(means, route, handle, completion, acks);
        return escalation.run(
                request, route, EscalationPolicy.of(route.last()), handle.cancellation(), recorder);
    }

    @Override
    public @Nullable String objection(InferenceRequest request) {
        return means.catalogue().current().router().objection(request);
    }

    @Override
    public void reject(Rejection rejection, Completion completion) {
        means.delivery().deadLetter(rejection, completion::safe);
        means.observer().rejected(rejection);
    }
}
