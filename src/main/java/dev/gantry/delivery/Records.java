package dev.gantry.delivery;

import dev.gantry.audit.AuditEvent;
import dev.gantry.audit.ContentPolicy;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Rejection;
import dev.gantry.inference.RequestId;
import dev.gantry.metering.MeteringEvent;
import dev.gantry.metering.PriceList;

import org.apache.kafka.common.header.Header;

import java.time.Instant;
import java.time.InstantSource;

/** Turns what happened into Kafka records. */
final class Records {
    private final TopicSettings topics;
    private final ContentPolicy content;
    private final MeterBody meters;
    private final RoutingBody routings;
    private final LaneBody lanes;
    private final Header source;
    private final InstantSource clock;

    Records(
            DeliverySettings settings,
            ContentPolicy content,
            PriceList prices,
            InstantSource clock) {
        this.topics = settings.topics();
        this.content = content;
        this.meters = new MeterBody(settings.origin());
        this.routings = new RoutingBody(prices);
        this.lanes = new LaneBody(settings.origin());
        this.source = Envelope.source(settings.origin());
        this.clock = clock;
    }

    Envelope envelope(InferenceRequest request) {
        return Envelope.of(source, request);
    }

    Envelope envelope(Rejection rejection) {
        String customId = rejection.customId() == null ? "" : rejection.customId();
        return Envelope.anonymous(source, RequestId.of(rejection.batchId(), customId).value());
    }

    OutboundRecord result(Envelope envelope, Result result) {
        return envelope.seal(
                topics.results(),
                mark(Result.TYPE, result.id(), clock.instant()),
                ResultBody.of(result));
    }

    Outbound meter(Envelope envelope, MeteringEvent event) {
        OutboundRecord record =
                envelope.seal(
                        topics.metering(),
                        mark(MeteringEvent.TYPE, event.id(), event.time()),
                        meters.of(event));
        return new Outbound(record, null);
    }

    Outbound audit(Envelope envelope, AuditEvent event) {
        return Outbound.of(
                sealed(envelope, event), () -> sealed(envelope, event.condensed(content)));
    }

    /** One per request and delivery, at the time of its first dispatch. */
    Outbound decision(Envelope envelope, Conclusion conclusion, RouteReport report) {
        InferenceRequest request = conclusion.request();
        Instant time =
                conclusion.attempts().isEmpty()
                        ? request.receivedAt()
                        : conclusion.attempts().getFirst().dispatch().startedAt();
        return routing(
                envelope,
                mark("dev.gantry.routing.decision.v1", RequestMembers.decisionId(request), time),
                routings.decision(conclusion, report));
    }

    Outbound attempt(Envelope envelope, MeteringEvent event, Attempt attempt) {
        return routing(
                envelope,
                mark(
                        "dev.gantry.routing.attempt.v1",
                        attempt.id().value() + "/attempt",
                        event.time()),
                routings.attempt(event.request(), attempt, event.reading().outcome().label()));
    }

    Outbound exhausted(Envelope envelope, Conclusion conclusion, String message) {
        String id = conclusion.request().execution() + "/exhausted";
        return routing(
                envelope,
                mark("dev.gantry.routing.exhausted.v1", id, clock.instant()),
                routings.exhausted(conclusion, message));
    }

    /** The same wait has the same id; a longer one is another. */
    Outbound waiting(InferenceRequest request, String reason, Instant until) {
        Instant now = clock.instant();
        String id = request.execution() + "/waiting/" + Rfc3339.of(until);
        return routing(
                envelope(request),
                mark("dev.gantry.routing.waiting.v1", id, now),
                routings.waiting(request, reason, until));
    }

    Outbound circuit(CircuitChange change) {
        return routing(
                Envelope.about(source, change.target()),
                mark(CircuitChange.TYPE, change.id(), change.at()),
                lanes.of(change));
    }

    Outbound operator(OperatorAct act) {
        Envelope envelope = Envelope.about(source, act.target());
        Envelope.EventMark mark = mark(OperatorAct.TYPE, act.id(), act.at());
        return new Outbound(envelope.seal(topics.audit(), mark, lanes.of(act)), null);
    }

    Outbound deadLetter(Rejection rejection) {
        return Outbound.of(
                DeadLetter.of(topics.deadLetters(), rejection),
                () -> DeadLetter.withoutValue(topics.deadLetters(), rejection));
    }

    private OutboundRecord sealed(Envelope envelope, AuditEvent event) {
        return envelope.seal(
                topics.audit(), mark(event.type(), event.id(), event.time()), AuditBody.of(event));
    }

    private Outbound routing(Envelope envelope, Envelope.EventMark mark, byte[] value) {
        return new Outbound(envelope.seal(topics.routing(), mark, value), null);
    }

    private Envelope.EventMark mark(String type, String id, Instant time) {
        return new Envelope.EventMark(type, id, time, clock.instant());
    }
}
