package dev.gantry.delivery;

import dev.gantry.audit.AuditEvent;
import dev.gantry.audit.ContentPolicy;
import dev.gantry.budget.Exceeded;
import dev.gantry.event.Decisions;
import dev.gantry.event.Envelope;
import dev.gantry.event.EventRecords;
import dev.gantry.event.EventSettings;
import dev.gantry.event.Outbound;
import dev.gantry.event.OutboundRecord;
import dev.gantry.event.ReloadReport;
import dev.gantry.event.Result;
import dev.gantry.event.ResultOutcome;
import dev.gantry.event.RouteSummary;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptError;
import dev.gantry.inference.AttemptFate;
import dev.gantry.inference.AttemptId;
import dev.gantry.inference.CircuitTransition;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.OperatorAct;
import dev.gantry.inference.Outcome;
import dev.gantry.inference.RaceEvent;
import dev.gantry.inference.Rejection;
import dev.gantry.inference.RoutingPolicy;
import dev.gantry.metering.MeterReading;
import dev.gantry.metering.MeteringEvent;
import dev.gantry.metering.PriceList;
import dev.gantry.outbox.OversizeAnswers;
import dev.gantry.outbox.PendingAcks;
import dev.gantry.outbox.Publisher;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Makes sure that what came of a request gets there: result, meter readings, audit and routing
 * events. Nothing here waits for the broker; a request's {@link PendingAcks} says when all of it is
 * safe.
 */
public final class Delivery {
    private final Publisher publisher;
    private final ContentPolicy content;
    private final Results results;
    private final EventRecords records;
    private final Decisions decisions;
    private final OversizeAnswers keeper;
    private final InstantSource clock;

    public Delivery(
            Publisher publisher,
            OversizeAnswers keeper,
            EventSettings settings,
            InstantSource clock) {
        this.keeper = keeper;
        this.publisher = publisher;
        this.content = new ContentPolicy(settings.audit());
        this.results = new Results(settings);
        this.records = new EventRecords(settings, content, clock);
        this.decisions = settings.decisions();
        this.clock = clock;
    }

    /** The broker takes no larger results and audits than these bytes, whatever was configured. */
    public void limitTo(long resultBytes, long auditBytes) {
        results.limitTo(resultBytes);
        records.limitAuditsTo(auditBytes);
    }

    /**
     * Begins a request.
     *
     * @param onSafe run once, when every record of the concluded request is safe; must not block
     */
    public PendingAcks open(InferenceRequest request, Runnable onSafe) {
        return new PendingAcks(records.envelope(request), request.source(), onSafe);
    }

    /**
     * Sends the write-ahead of a dispatch.
     *
     * @param onSafe run once it is safe to send bytes to the provider; must not block
     */
    public void dispatching(
            InferenceRequest request,
            Attempt.Dispatch dispatch,
            PriceList prices,
            PendingAcks acks,
            Runnable onSafe) {
        MeteringEvent event = MeteringEvent.dispatched(request, dispatch, prices);
        Runnable counted = acks.expect();
        publisher.send(
                records.meter(acks.envelope(), event),
                () -> {
                    onSafe.run();
                    counted.run();
                },
                acks);
    }

    /**
     * Audit first: what is paid for needs its evidence. Returns what the meter says.
     *
     * @param prices those that the request's calls were dispatched at
     */
    public MeterReading attemptEnded(
            InferenceRequest request,
            Attempt attempt,
            AttemptFate fate,
            PriceList prices,
            PendingAcks acks) {
        Envelope envelope = acks.envelope();
        audit(AuditEvent.of(request, attempt, content), acks);
        boolean carried = fate != AttemptFate.SELECTED || results.fits(attempt);
        MeteringEvent event =
                MeteringEvent.ended(
                        request, attempt, carried ? fate : AttemptFate.UNSELECTED, prices);
        publisher.send(records.meter(envelope, event), acks.expect(), acks);
        boolean plain = fate == AttemptFate.SELECTED && attempt.id().number() == 1;
        if (!plain || decisions == Decisions.ALL) {
            publisher.send(records.attempt(envelope, event, attempt), acks.expect(), acks);
        }
        return event.reading();
    }

    /**
     * Sends what the end leaves behind and closes the count of acks; an abandoned request has no
     * end.
     *
     * @param readings of the conclusion's attempts
     * @param summary what its decision was
     * @param prices those that its calls were dispatched at
     */
    public void conclude(
            Conclusion conclusion,
            Map<AttemptId, MeterReading> readings,
            RouteSummary summary,
            PriceList prices,
            PendingAcks acks) {
        if (conclusion.outcome() instanceof Outcome.Abandoned) {
            // Its record is worked on again, which is another decision; this one had attempts.
            if (!conclusion.attempts().isEmpty() && told(conclusion, summary)) {
                publisher.send(
                        records.decision(acks.envelope(), conclusion, summary, prices),
                        Delivery::nobodyWaits,
                        null);
            }
            return;
        }
        Instant now = clock.instant();
        FinalRecords finals = new FinalRecords(publisher, acks);
        Result sent = send(results.of(conclusion, readings, summary.policy(), now), finals);
        failure(conclusion, summary, sent.outcome(), now, finals);
        routing(conclusion, summary, prices, finals);
        finals.leave();
    }

    /**
     * Puts aside a record that is no request, and answers whoever can be answered.
     *
     * @param onSafe run once, when all of it is safe; must not block
     */
    public void deadLetter(Rejection rejection, Runnable onSafe) {
        PendingAcks acks =
                new PendingAcks(records.envelope(rejection), rejection.record().position(), onSafe);
        FinalRecords finals = new FinalRecords(publisher, acks);
        finals.add(records.deadLetter(rejection));
        if (rejection.customId() != null) {
            send(results.invalid(rejection, rejection.customId()), finals);
        }
        finals.leave();
    }

    /** Publishes a circuit's move. */
    public void circuitChanged(CircuitTransition change) {
        publisher.send(records.circuit(change), Delivery::nobodyWaits, null);
    }

    /**
     * Puts an operator's doing on the audit.
     *
     * @param onSafe run once, when all of it is safe; must not block
     */
    public void operatorActed(OperatorAct act, Runnable onSafe) {
        List<Outbound> acted = records.acted(act);
        AtomicInteger left = new AtomicInteger(acted.size());
        for (Outbound each : acted) {
            publisher.send(
                    each,
                    () -> {
                        if (left.decrementAndGet() == 0) {
                            onSafe.run();
                        }
                    },
                    null);
        }
    }

    /** Puts on the audit that the catalogue was read again. */
    public void reloaded(ReloadReport report) {
        publisher.send(records.reloaded(report), Delivery::nobodyWaits, null);
    }

    /** Says that a cap has stopped a call, or that it was passed with a warning. */
    public void capped(
            InferenceRequest request, Attempt.Dispatch call, Exceeded exceeded, PendingAcks acks) {
        publisher.send(records.budgetExceeded(request, call, exceeded), acks.expect(), acks);
    }

    /** Says that two calls of the request race, or how that ended. */
    public void raced(InferenceRequest request, RaceEvent event, PendingAcks acks) {
        publisher.send(records.raced(acks.envelope(), request, event), acks.expect(), acks);
    }

    /**
     * Tells that every lane is benched: the request goes on waiting.
     *
     * @param policy in force; null: none
     * @param until when the first may reopen; null where only an operator or a probe can say
     */
    public void waiting(
            InferenceRequest request,
            @Nullable RoutingPolicy policy,
            String reason,
            @Nullable Instant until,
            PendingAcks acks) {
        publisher.send(records.waiting(request, policy, reason, until), acks.expect(), acks);
    }

    /** The result as it was sent: where it does not fit, what is left of it. */
    private Result send(Result result, FinalRecords finals) {
        OutboundRecord record = records.result(finals.envelope(), result);
        if (!Results.keepable(result)) {
            finals.add(new Outbound(record, null));
            return result;
        }
        Result kept = result.bodiless();
        Outbound outbound =
                new Outbound(record, ready -> keep(kept, record, finals.envelope(), ready));
        if (results.fits(record)) {
            finals.add(outbound);
            return result;
        }
        finals.addTooLarge(outbound);
        return results.tooLarge(result);
    }

    /** The smaller result leaves once the whole one is kept, so that its reference is true. */
    private void keep(
            Result result,
            OutboundRecord record,
            Envelope envelope,
            Consumer<OutboundRecord> ready) {
        keeper.keep(
                result.id(),
                result.requestId().value(),
                record,
                kept -> ready.accept(records.result(envelope, results.tooLarge(result, kept))));
    }

    private void failure(
            Conclusion conclusion,
            RouteSummary summary,
            ResultOutcome outcome,
            Instant now,
            FinalRecords finals) {
        AuditEvent.End end = end(outcome);
        if (end != null) {
            AuditEvent event = AuditEvent.of(conclusion, end, summary.assignment(), now, content);
            finals.add(records.audit(finals.envelope(), event));
        }
    }

    /** How the request failed; null: it has not. */
    private static AuditEvent.@Nullable End end(ResultOutcome outcome) {
        return switch (outcome) {
            case ResultOutcome.Answered(_, Attempt attempt, _) -> {
                AttemptError error = attempt.error();
                yield error == null
                        ? null
                        : new AuditEvent.End(error.kind().label(), error.message(), error.reason());
            }
            case ResultOutcome.Unanswered(_, FailureCode code, String message, String reason) ->
                    new AuditEvent.End(code.label(), message, reason);
        };
    }

    private static void nobodyWaits() {}

    private void audit(AuditEvent event, PendingAcks acks) {
        publisher.send(records.audit(acks.envelope(), event), acks.expect(), acks);
    }

    private void routing(
            Conclusion conclusion, RouteSummary summary, PriceList prices, FinalRecords finals) {
        if (told(conclusion, summary)) {
            finals.add(records.decision(finals.envelope(), conclusion, summary, prices));
        }
        AuditEvent.End end = end(ResultOutcome.of(conclusion.outcome()));
        if (end != null && !end.status().equals(FailureCode.INVALID_REQUEST.label())) {
            finals.add(records.exhausted(finals.envelope(), conclusion, summary.policy(), end));
        }
    }

    private boolean told(Conclusion conclusion, RouteSummary summary) {
        return switch (decisions) {
            case ALL -> true;
            case ESCALATED -> !summary.plain(conclusion);
            case NONE -> false;
        };
    }
}
