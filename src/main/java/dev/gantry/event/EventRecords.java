package dev.gantry.event;

import dev.gantry.audit.AuditEvent;
import dev.gantry.audit.ContentPolicy;
import dev.gantry.audit.Disclosure;
import dev.gantry.budget.Exceeded;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.CircuitTransition;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.OperatorAct;
import dev.gantry.inference.RaceEvent;
import dev.gantry.inference.Rejection;
import dev.gantry.inference.RequestId;
import dev.gantry.inference.RoutingPolicy;
import dev.gantry.metering.MeteringEvent;
import dev.gantry.metering.PriceList;

import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/** Turns what happened into Kafka records. */
public final class EventRecords {
    /** Bytes; larger audits wait for the broker without the answer that they were made from. */
    private static final long LITTLE = 16 << 10;

    private final TopicSettings topics;
    private final ContentPolicy content;
    private final MeterBody meters;
    private final RoutingBody routings;
    private final CircuitBody circuits;
    private final ReloadBody reloads;
    private final Header source;
    private final InstantSource clock;

    /** Bytes; written once, before the first request. */
    private volatile long auditLimit;

    public EventRecords(EventSettings settings, ContentPolicy content, InstantSource clock) {
        this.topics = settings.topics();
        this.content = content;
        this.meters = new MeterBody(settings.origin());
        this.routings = new RoutingBody();
        this.circuits = new CircuitBody(settings.origin());
        this.reloads = new ReloadBody(settings.origin());
        this.source = Envelope.source(settings.origin());
        this.clock = clock;
        this.auditLimit = settings.maxResultSize();
    }

    public Envelope envelope(InferenceRequest request) {
        return Envelope.of(source, request);
    }

    public Envelope envelope(Rejection rejection) {
        String customId = rejection.customId() == null ? "" : rejection.customId();
        return Envelope.anonymous(source, RequestId.of(rejection.batchId(), customId).value());
    }

    public OutboundRecord result(Envelope envelope, Result result) {
        return envelope.seal(
                topics.results(),
                mark(Result.TYPE, result.id(), clock.instant()),
                ResultBody.of(result));
    }

    public Outbound meter(Envelope envelope, MeteringEvent event) {
        OutboundRecord record =
                envelope.seal(
                        topics.metering(),
                        mark(MeteringEvent.TYPE, event.id(), event.time()),
                        meters.of(event));
        return new Outbound(record, null);
    }

    /** Where it is known to be too large it is condensed at once: the spool knows no other form. */
    public Outbound audit(Envelope envelope, AuditEvent event) {
        OutboundRecord whole = sealed(envelope, event);
        if (whole.size() > auditLimit) {
            return new Outbound(sealed(envelope, event.condensed(content)), null);
        }
        if (event.content() instanceof Disclosure.Full && whole.size() <= LITTLE) {
            return Outbound.of(whole, () -> sealed(envelope, event.condensed(content)));
        }
        AuditEvent condensed = event.condensed(content);
        return Outbound.of(whole, () -> sealed(envelope, condensed));
    }

    public void limitAuditsTo(long bytes) {
        auditLimit = Math.min(auditLimit, bytes);
    }

    /** One per request and delivery, at the time of its first dispatch. */
    public Outbound decision(
            Envelope envelope, Conclusion conclusion, RouteSummary summary, PriceList prices) {
        InferenceRequest request = conclusion.request();
        Instant time =
                conclusion.attempts().isEmpty()
                        ? request.receivedAt()
                        : conclusion.attempts().getFirst().dispatch().startedAt();
        return routing(
                envelope,
                labelled(
                        summary.policy(),
                        mark(
                                "dev.gantry.routing.decision.v1",
                                RequestMembers.decisionId(request),
                                time)),
                routings.decision(conclusion, summary, prices));
    }

    public Outbound attempt(Envelope envelope, MeteringEvent event, Attempt attempt) {
        return routing(
                envelope,
                labelled(
                        attempt.dispatch().step(),
                        mark(
                                "dev.gantry.routing.attempt.v1",
                                attempt.id().value() + "/attempt",
                                event.time())),
                routings.attempt(event.request(), attempt, event.reading().outcome().label()));
    }

    public Outbound exhausted(
            Envelope envelope,
            Conclusion conclusion,
            @Nullable RoutingPolicy policy,
            AuditEvent.End end) {
        String id = conclusion.request().execution() + "/exhausted";
        return routing(
                envelope,
                labelled(policy, mark("dev.gantry.routing.exhausted.v1", id, clock.instant())),
                routings.exhausted(conclusion, policy, end.status(), end.reason()));
    }

    /** One circuit's move. */
    public Outbound circuit(CircuitTransition change) {
        return routing(
                Envelope.about(source, change.key().value()),
                mark("dev.gantry.routing.circuit.v1", change.id(), change.at()),
                circuits.changed(change));
    }

    /** What an operator did: one per circuit that moved, or one for the target if none did. */
    public List<Outbound> acted(OperatorAct act) {
        if (act.moves().isEmpty()) {
            return List.of(acted(act, null));
        }
        return act.moves().stream().map(change -> acted(act, change)).toList();
    }

    private Outbound acted(OperatorAct act, @Nullable CircuitTransition change) {
        String key = change == null ? act.target() : change.key().value();
        String id = change == null ? act.id() : act.id() + "/" + change.id();
        OutboundRecord record =
                Envelope.about(source, key)
                        .seal(
                                topics.audit(),
                                mark("dev.gantry.operator.acted.v1", id, act.at()),
                                circuits.acted(act, change));
        return new Outbound(record, null);
    }

    /** What came of reading the catalogue again. */
    public Outbound reloaded(ReloadReport report) {
        OutboundRecord record =
                Envelope.about(source, ReloadBody.TARGET)
                        .seal(
                                topics.audit(),
                                mark("dev.gantry.operator.acted.v1", report.id(), report.at()),
                                reloads.of(report));
        return new Outbound(record, null);
    }

    /** What an operator took out of the spool; made without a worker. */
    public static OutboundRecord dropped(
            TopicSettings topics, Origin origin, OperatorAct act, DroppedRecord dropped) {
        Envelope.EventMark mark =
                new Envelope.EventMark(
                        "dev.gantry.operator.acted.v1", act.id(), act.at(), act.at(), null);
        return Envelope.about(Envelope.source(origin), act.target())
                .seal(topics.audit(), mark, new CircuitBody(origin).dropped(act, dropped));
    }

    /** The same wait has the same id; a longer one is another. */
    public Outbound waiting(
            InferenceRequest request,
            @Nullable RoutingPolicy policy,
            String reason,
            @Nullable Instant until) {
        Instant now = clock.instant();
        String id = request.execution() + "/waiting/" + Rfc3339.of(until == null ? now : until);
        return routing(
                envelope(request),
                labelled(policy, mark("dev.gantry.routing.waiting.v1", id, now)),
                routings.waiting(request, reason, until));
    }

    /** Each call that might have been made is told of once. */
    public Outbound budgetExceeded(
            InferenceRequest request, Attempt.Dispatch call, Exceeded exceeded) {
        String id = call.id().value() + "/budget/" + exceeded.kind() + "/" + call.lane().value();
        return routing(
                envelope(request),
                labelled(
                        call.step(),
                        mark("dev.gantry.routing.budget_exceeded.v1", id, clock.instant())),
                routings.budgetExceeded(request, call, exceeded));
    }

    /** A race has one of each kind at most. */
    public Outbound raced(Envelope envelope, InferenceRequest request, RaceEvent event) {
        RaceEvent.Pair pair = event.pair();
        String kind = RoutingBody.kind(event);
        String id = pair.backup().attempt().value() + "/" + kind;
        return routing(
                envelope,
                labelled(
                        pair.primary().step(),
                        mark("dev.gantry.routing." + kind + ".v1", id, clock.instant())),
                routings.raced(request, event));
    }

    public Outbound deadLetter(Rejection rejection) {
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
        return new Envelope.EventMark(type, id, time, clock.instant(), null);
    }

    private static Envelope.EventMark labelled(
            @Nullable RoutingPolicy policy, Envelope.EventMark mark) {
        return policy == null ? mark : mark.labelled(policy.event());
    }

    private static Envelope.EventMark labelled(
            RoutingPolicy.@Nullable Step step, Envelope.EventMark mark) {
        return step == null ? mark : mark.labelled(step.event());
    }
}
