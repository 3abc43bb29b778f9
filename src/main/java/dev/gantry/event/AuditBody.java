package dev.gantry.event;

import dev.gantry.audit.AuditEvent;
import dev.gantry.audit.AuditEvent.AttemptAudited;
import dev.gantry.audit.AuditEvent.RequestAudited;
import dev.gantry.audit.Disclosure;
import dev.gantry.inference.Answer;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.Payload;
import dev.gantry.inference.RequestBody;
import dev.gantry.inference.Usage;
import dev.gantry.secret.Scrubber;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/** Writes an audit event's value. */
final class AuditBody {
    private AuditBody() {}

    static byte[] of(AuditEvent event) {
        return JsonBody.of(
                body -> {
                    InferenceRequest request = event.request();
                    RequestMembers.ids(body, request);
                    RequestMembers.source(body, request.source());
                    body.texts("caller", request.options().caller())
                            .text("operation", request.operation().label());
                    RequestMembers.classification(body, request.options().sensitivity());
                    about(body, event);
                    body.text("status", event.status()).time("ended_at", event.time());
                    body.millis("latency_ms", event.latency());
                    fault(body, event);
                    trace(body, request.trace().traceparent());
                    content(body, event);
                });
    }

    private static void about(JsonBody body, AuditEvent event) {
        switch (event) {
            case AttemptAudited audited -> attempt(body, audited.request(), audited.attempt());
            case RequestAudited audited -> {
                body.number("attempts", audited.attempts());
                RequestMembers.assignment(body, audited.assignment());
                if (audited.last() != null) {
                    routing(body, audited.request(), audited.last());
                }
            }
        }
    }

    private static void attempt(JsonBody body, InferenceRequest request, Attempt attempt) {
        int number = attempt.id().number();
        body.text("attempt_id", attempt.id().value())
                .number("attempt_no", number)
                .text("attempt_kind", attempt.dispatch().kind().label())
                .text("provider_response_ref", request.id().value() + ":attempt:" + number);
        RequestMembers.assignment(body, attempt.dispatch().assignment());
        routing(body, request, attempt.dispatch());
        AdaptedBody.write(body, attempt.dispatch().adaptation());
        body.numberIfKnown("http_status", attempt.status());
        Answer answer = attempt.answer();
        if (answer != null && answer.usage() != null) {
            tokens(body, answer.usage());
        }
    }

    private static void routing(
            JsonBody body, InferenceRequest request, Attempt.Dispatch dispatch) {
        LaneId lane = dispatch.lane();
        body.object(
                "routing",
                routing ->
                        routing.text("lane", lane.value())
                                .text("provider", lane.provider())
                                .text("instance", lane.instance())
                                .text("tier", lane.tier().label())
                                .text("model", dispatch.adaptation().model())
                                .text("reason", dispatch.reason())
                                .text("decision_id", RequestMembers.decisionId(request)));
    }

    private static void tokens(JsonBody body, Usage usage) {
        body.object(
                "tokens",
                tokens ->
                        tokens.numberIfKnown("input", usage.input())
                                .numberIfKnown("output", usage.output())
                                .numberIfKnown("thinking", usage.reasoning()));
    }

    private static void fault(JsonBody body, AuditEvent event) {
        AuditEvent.Fault fault = event.fault();
        if (fault != null) {
            body.object(
                    "error",
                    error -> error.text("kind", fault.kind()).text("message", fault.message()));
        }
    }

    /**
     * @param traceparent {@code 00-<32 hex digits>-<16 hex digits>-<2 hex digits>}
     */
    private static void trace(JsonBody body, @Nullable String traceparent) {
        if (traceparent != null) {
            body.text("trace_id", traceparent.substring(3, 35))
                    .text("span_id", traceparent.substring(36, 52));
        }
    }

    private static void content(JsonBody body, AuditEvent event) {
        body.object(
                "content",
                content -> {
                    content.text("policy", event.content().label());
                    switch (event.content()) {
                        case Disclosure.Full _ -> full(content, event);
                        case Disclosure.Hashed(var messages, var answer) ->
                                content.textIfKnown("messages_hmac", messages)
                                        .textIfKnown("answer_hmac", answer);
                        case Disclosure.Withheld _ -> {}
                    }
                });
        if (event.truncated()) {
            body.flag("truncated", true);
        }
    }

    private static void full(JsonBody body, AuditEvent event) {
        RequestBody request = event.request().body();
        request.member(event.request().operation().prompt())
                .ifPresent(
                        each ->
                                body.raw(
                                        "messages",
                                        Arrays.copyOfRange(
                                                request.bytes(),
                                                each.valueStart(),
                                                each.valueEnd())));
        if (event instanceof AttemptAudited audited && audited.attempt().answer() != null) {
            answer(body, audited.attempt(), audited.attempt().answer().body());
        }
    }

    /** Errors echo keys, also such as are not ours: one that does is kept as text, without them. */
    private static void answer(JsonBody body, Attempt attempt, Payload answer) {
        String text = attempt.succeeded() ? "" : answer.text();
        String masked = Scrubber.masked(text);
        if (masked.equals(text)) {
            body.payload("answer", answer);
        } else {
            body.text("answer", masked);
        }
    }
}
