package dev.gantry.event;

import dev.gantry.inference.Answer;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptError;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.RoutingPolicy;
import dev.gantry.inference.Usage;
import dev.gantry.metering.Bill;
import dev.gantry.metering.Cost;
import dev.gantry.metering.CostLine;
import dev.gantry.metering.Evidence;
import dev.gantry.metering.MeteringEvent;
import dev.gantry.metering.Money;
import dev.gantry.metering.Quote;
import dev.gantry.metering.TokenCount;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.TreeMap;

/** Writes a meter event's value; its members are those of the events page. */
final class MeterBody {
    private final Origin origin;

    MeterBody(Origin origin) {
        this.origin = origin;
    }

    byte[] of(MeteringEvent event) {
        return JsonBody.of(
                body -> {
                    identity(body, event);
                    RequestMembers.source(body, event.request().source());
                    body.text("worker", origin.worker()).text("build", origin.build());
                    RequestMembers.terms(body, event.request().options());
                    lane(body, event);
                    times(body, event);
                    ending(body, event);
                    usage(body, event.reading().count());
                    bill(body, event);
                    body.object(
                            "routing",
                            routing ->
                                    routing.text("reason", event.dispatch().reason())
                                            .textIfKnown("policy", policy(event))
                                            .text(
                                                    "decision_id",
                                                    RequestMembers.decisionId(event.request())));
                });
    }

    private static @Nullable String policy(MeteringEvent event) {
        RoutingPolicy.Step step = event.dispatch().step();
        return step == null ? null : step.policy();
    }

    private static void identity(JsonBody body, MeteringEvent event) {
        Evidence evidence = event.reading().evidence();
        body.text("attempt_id", event.dispatch().id().value())
                .number("version", evidence.version())
                .text("evidence", evidence.label());
        if (evidence == Evidence.DISPATCHED) {
            body.time("expires_at", event.expiresAt());
        }
        RequestMembers.ids(body, event.request());
        body.number("attempt_no", event.dispatch().id().number())
                .text("attempt_kind", event.dispatch().kind().label());
    }

    private static void lane(JsonBody body, MeteringEvent event) {
        InferenceRequest request = event.request();
        LaneId lane = event.dispatch().lane();
        Answer answer = answer(event);
        body.text("lane", lane.value())
                .text("provider", lane.provider())
                .text("instance", lane.instance())
                .text("tier", lane.tier().label())
                .text("operation", request.operation().label())
                .textIfKnown("model_requested", asked(request))
                .text("model_sent", event.dispatch().adaptation().model())
                .textIfKnown("service_tier_requested", request.body().facts().serviceTier());
        RequestMembers.assignment(body, event.dispatch().assignment());
        if (answer != null) {
            body.textIfKnown("model_served", answer.modelServed())
                    .textIfKnown("provider_request_id", answer.requestId())
                    .textIfKnown("provider_response_id", answer.responseId())
                    .textIfKnown("service_tier_served", answer.serviceTier());
        }
    }

    /** {@code routing.model} is hard and goes before the body's. */
    private static @Nullable String asked(InferenceRequest request) {
        String explicit = request.options().constraints().model();
        return explicit == null ? request.body().facts().model() : explicit;
    }

    private static void times(JsonBody body, MeteringEvent event) {
        body.time("started_at", event.dispatch().startedAt());
        if (event.attempt() != null) {
            body.time("ended_at", event.time()).millis("duration_ms", event.attempt().took());
            Attempt.Streamed streamed = event.attempt().streamed();
            if (streamed != null && streamed.firstDelta() != null) {
                body.millis("ttft_ms", streamed.firstDelta());
            }
        }
        // Only the first dispatch ends the wait in the queue.
        if (event.dispatch().id().number() == 1) {
            body.millis(
                    "queued_ms",
                    RequestMembers.queued(event.request(), event.dispatch().startedAt()));
        }
    }

    private static void ending(JsonBody body, MeteringEvent event) {
        body.text("outcome", event.reading().outcome().label());
        Attempt attempt = event.attempt();
        if (attempt == null) {
            return;
        }
        AttemptError error = attempt.error();
        if (error != null) {
            body.text("error_kind", error.kind().label()).textIfKnown("error_code", error.code());
            if (error.retryAfter() != null) {
                body.millis("retry_after_ms", error.retryAfter());
            }
        }
        body.numberIfKnown("http_status", attempt.status());
        if (attempt.answer() != null) {
            body.textIfKnown("finish_reason", attempt.answer().finishReason());
        }
        body.flag("selected", event.selected());
        if (event.submitted() != null) {
            body.flag("provider_submitted", event.submitted());
        }
    }

    private static void usage(JsonBody body, TokenCount count) {
        body.object(
                "usage",
                usage -> {
                    usage.text("source", count.source().label());
                    if (count.usage() != null) {
                        tokens(usage, count.usage());
                    }
                });
    }

    private static void tokens(JsonBody body, Usage usage) {
        body.numberIfKnown("input_tokens", usage.input())
                .numberIfKnown("cache_read_input_tokens", usage.cacheRead())
                .numberIfKnown("cache_write_input_tokens", usage.cacheWrite())
                .numberIfKnown("output_tokens", usage.output())
                .numberIfKnown("reasoning_output_tokens", usage.reasoning());
        if (!usage.counters().isEmpty()) {
            body.object(
                    "counters",
                    counters -> new TreeMap<>(usage.counters()).forEach(counters::number));
        }
        if (usage.raw() != null) {
            body.raw("raw", usage.raw().getBytes(StandardCharsets.UTF_8));
        }
    }

    private static void bill(JsonBody body, MeteringEvent event) {
        Bill bill = event.reading().bill();
        body.array("lines", lines -> bill.lines().forEach(line -> line(lines, line)));
        body.object("cost", cost -> cost(cost, bill.cost()));
        Quote quote = event.quote();
        body.object(
                "price",
                price ->
                        price.textIfKnown("source", quote == null ? null : quote.source())
                                .textIfKnown("version", quote == null ? null : quote.version())
                                .textIfKnown("missing_reason", bill.missing()));
    }

    private static void line(JsonBody lines, CostLine line) {
        lines.element(
                body ->
                        body.text("kind", line.kind())
                                .number("quantity", line.quantity())
                                .textOrNull("unit_price", Money.textIfKnown(line.unitPrice()))
                                .number("per", line.per())
                                .textOrNull("amount", Money.textIfKnown(line.amount())));
    }

    private static void cost(JsonBody body, Cost cost) {
        body.textOrNull("amount", Money.textIfKnown(cost.amount()))
                .text("state", cost.state().label())
                .text("basis", cost.basis().label())
                .textIfKnown("upper_bound", Money.textIfKnown(cost.upperBound()))
                .text("currency", "USD");
    }

    private static @Nullable Answer answer(MeteringEvent event) {
        return event.attempt() == null ? null : event.attempt().answer();
    }
}
