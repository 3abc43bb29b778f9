package dev.gantry.delivery;

import dev.gantry.audit.AuditEvent;
import dev.gantry.audit.ContentPolicy;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptError;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Outcome;
import dev.gantry.inference.Rejection;
import dev.gantry.metering.MeterReading;
import dev.gantry.metering.MeteringEvent;
import dev.gantry.metering.PriceList;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Makes sure that what came of a request gets there: result, meter readings, audit and routing
 * events. Nothing here waits for the broker; a request's {@link Receipt} says when all of it is
 * safe.
 */
public final class Delivery {
    private final Publisher publisher;
    private final PriceList prices;
    private final ContentPolicy content;
    private final Results results;
    private final Records records;
    private final Decisions decisions;
    private final AnswerKeeper keeper;
    private final InstantSource clock;

    public Delivery(
            Publisher publisher,
            AnswerKeeper keeper,
            DeliverySettings settings,
            PriceList prices,
            InstantSource clock) {
        this.keeper = keeper;
        this.publisher = publisher;
        this.prices = prices;
        this.content = new ContentPolicy(settings.audit());
        this.results = new Results(settings, prices);
        this.records = new Records(settings, content, prices, clock);
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
    public Receipt open(InferenceRequest request, Runnable onSafe) {
        return new Receipt(records.envelope(request), request.source(), onSafe);
    }

    /**
     * Sends the write-ahead of a dispatch.
     *
     * @param onSafe run once it is safe to send bytes to the provider; must not block
     */
    public void dispatching(
            InferenceRequest request, Attempt.Dispatch dispatch, Receipt receipt, Runnable onSafe) {
        MeteringEvent event = MeteringEvent.dispatched(request, dispatch, prices);
        Runnable counted = receipt.expect();
        publisher.send(
                records.meter(receipt.envelope(), event),
                () -> {
                    onSafe.run();
                    counted.run();
                },
                receipt);
    }

    /** Audit first: what is paid for needs its evidence. Returns what the meter says. */
    public MeterReading attemptEnded(InferenceRequest request, Attempt attempt, Receipt receipt) {
        Envelope envelope = receipt.envelope();
        audit(AuditEvent.of(request, attempt, content), receipt);
        MeteringEvent ended = MeteringEvent.ended(request, attempt, prices);
        MeteringEvent event = results.fits(attempt) ? ended : ended.unselected();
        publisher.send(records.meter(envelope, event), receipt.expect(), receipt);
        boolean plain = attempt.succeeded() && attempt.id().number() == 1;
        if (!plain || decisions == Decisions.ALL) {
            publisher.send(records.attempt(envelope, event, attempt), receipt.expect(), receipt);
        }
        return event.reading();
    }

    /**
     * Sends what the end leaves behind and closes the receipt; an abandoned request has no end.
     *
     * @param course what its decision was
     */
    public void conclude(Conclusion conclusion, Course course, Receipt receipt) {
        if (conclusion.outcome() instanceof Outcome.Abandoned) {
            return;
        }
        Instant now = clock.instant();
        Parting parting = new Parting(publisher, receipt);
        Result sent = send(results.of(conclusion, now), parting);
        failure(conclusion, sent.ending(), now, parting);
        routing(conclusion, course, parting);
        parting.leave();
    }

    /**
     * Puts aside a record that is no request, and answers whoever can be answered.
     *
     * @param onSafe run once, when all of it is safe; must not block
     */
    public void deadLetter(Rejection rejection, Runnable onSafe) {
        Receipt receipt =
                new Receipt(records.envelope(rejection), rejection.record().position(), onSafe);
        Parting parting = new Parting(publisher, receipt);
        parting.add(records.deadLetter(rejection));
        if (rejection.customId() != null) {
            send(results.invalid(rejection, rejection.customId()), parting);
        }
        parting.leave();
    }

    /** Publishes a circuit's move. */
    public void circuitChanged(CircuitChange change) {
        publisher.send(records.circuit(change), Delivery::nobodyWaits, null);
    }

    /**
     * Puts an operator's doing on the audit.
     *
     * @param onSafe run once, when all of it is safe; must not block
     */
    public void operatorActed(OperatorDeed deed, Runnable onSafe) {
        List<Outbound> acted = records.acted(deed);
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

    /**
     * Tells that every lane is benched: the request goes on waiting.
     *
     * @param until when the first may reopen; null where only an operator or a probe can say
     */
    public void waiting(
            InferenceRequest request, String reason, @Nullable Instant until, Receipt receipt) {
        publisher.send(records.waiting(request, reason, until), receipt.expect(), receipt);
    }

    /** The result as it was sent: where it does not fit, what is left of it. */
    private Result send(Result result, Parting parting) {
        OutboundRecord record = records.result(parting.envelope(), result);
        if (!Results.keepable(result)) {
            parting.add(new Outbound(record, null));
            return result;
        }
        Result kept = result.bodiless();
        Outbound outbound =
                new Outbound(record, ready -> keep(kept, record, parting.envelope(), ready));
        if (results.fits(record)) {
            parting.add(outbound);
            return result;
        }
        parting.addTooLarge(outbound);
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

    private void failure(Conclusion conclusion, Ending ending, Instant now, Parting parting) {
        switch (ending) {
            case Ending.Answered(_, Attempt attempt, _) -> {
                AttemptError error = attempt.error();
                if (error != null) {
                    failed(
                            conclusion,
                            new AuditEvent.End(
                                    error.kind().label(), error.message(), error.reason()),
                            now,
                            parting);
                }
            }
            case Ending.Unanswered(_, FailureCode code, String message, String reason) ->
                    failed(
                            conclusion,
                            new AuditEvent.End(code.label(), message, reason),
                            now,
                            parting);
        }
    }

    private void failed(Conclusion conclusion, AuditEvent.End end, Instant now, Parting parting) {
        int attempts = conclusion.attempts().size();
        AuditEvent event = AuditEvent.of(conclusion.request(), end, attempts, now, content);
        parting.add(records.audit(parting.envelope(), event));
    }

    private static void nobodyWaits() {}

    private void audit(AuditEvent event, Receipt receipt) {
        publisher.send(records.audit(receipt.envelope(), event), receipt.expect(), receipt);
    }

    private void routing(Conclusion conclusion, Course course, Parting parting) {
        if (decisions == Decisions.ALL
                || (decisions == Decisions.ESCALATED && !course.plain(conclusion))) {
            parting.add(records.decision(parting.envelope(), conclusion, course.report().get()));
        }
        if (conclusion.outcome() instanceof Outcome.Failed(FailureCode code, _, String reason)
                && code == FailureCode.ESCALATION_EXHAUSTED) {
            parting.add(records.exhausted(parting.envelope(), conclusion, reason));
        }
    }
}
