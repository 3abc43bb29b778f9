package dev.gantry.event;

import dev.gantry.inference.Answer;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptError;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.MeterOutcome;
import dev.gantry.inference.RoutingPolicy;
import dev.gantry.metering.Money;
import dev.gantry.secret.Scrubber;

import org.jspecify.annotations.Nullable;

/** Writes a result's value: an OpenAI batch output line with one more member. */
final class ResultBody {
    private ResultBody() {}

    static byte[] of(Result result) {
        return JsonBody.of(
                body -> {
                    body.text("id", result.id()).text("custom_id", result.customId());
                    switch (result.outcome()) {
                        case ResultOutcome.Answered answered -> response(body, answered.answer());
                        case ResultOutcome.Unanswered unanswered -> error(body, unanswered);
                    }
                    body.object("gantry", gantry -> gantry(gantry, result));
                });
    }

    private static void response(JsonBody body, Answer answer) {
        body.object(
                        "response",
                        response ->
                                response.number("status_code", answer.status())
                                        .textOrNull("request_id", answer.requestId())
                                        .payload("body", answer.body()))
                .nothing("error");
    }

    private static void error(JsonBody body, ResultOutcome.Unanswered ending) {
        body.nothing("response")
                .object(
                        "error",
                        error ->
                                error.text("code", ending.code().label())
                                        .text("message", Scrubber.clean(ending.message())));
    }

    private static void gantry(JsonBody body, Result result) {
        Attempt decisive = decisive(result.outcome());
        AttemptSummary attempts = result.attempts();
        body.text("request_id", result.requestId().value())
                .textOrNull("batch_id", result.batchId())
                .text("source_topic", result.sourceTopic())
                .text("outcome", result.outcome().outcome())
                .textOrNull("lane", decisive == null ? null : decisive.lane().value())
                .array("attempts", list -> attempts.entries().forEach(each -> entry(list, each)));
        if (decisive != null && decisive.succeeded()) {
            body.number("selected", decisive.id().number());
        } else {
            body.nothing("selected");
        }
        body.textOrNull("cost_usd", Money.textIfKnown(attempts.cost()))
                .text("cost_state", attempts.state().label())
                .textOrNull("session_cost_usd", Money.textIfKnown(result.sessionCost()))
                .millis("queued_ms", result.queued())
                .millis("took_ms", result.took())
                .textOrNull("policy", result.policy());
        if (result.outcome() instanceof ResultOutcome.Answered(_, _, Answer answer)
                && !answer.mended().isEmpty()) {
            body.array("mended", list -> answer.mended().forEach(list::item));
        }
    }

    private static void entry(JsonBody list, AttemptSummary.Entry entry) {
        Attempt first = entry.first();
        list.element(
                body -> {
                    body.number("index", first.id().number())
                            .text("attempt_id", first.id().value())
                            .text("lane", first.lane().value())
                            .text("provider", first.lane().provider())
                            .text("model", first.dispatch().adaptation().model())
                            .textIfKnown("label", label(first.dispatch().step()))
                            .text("status", status(entry.outcome(), entry.last().error()))
                            .time("started_at", first.dispatch().startedAt())
                            .millis("duration_ms", entry.took())
                            .textOrNull("cost_usd", Money.textIfKnown(entry.cost().amount()))
                            .text("cost_state", entry.cost().state().label());
                    if (entry.count() > 1) {
                        body.number("count", entry.count());
                    }
                    AdaptedBody.write(body, first.dispatch().adaptation());
                    error(body, entry.last());
                });
    }

    private static @Nullable String label(RoutingPolicy.@Nullable Step step) {
        return step == null ? null : step.label();
    }

    private static void error(JsonBody body, Attempt attempt) {
        AttemptError error = attempt.error();
        if (error == null) {
            return;
        }
        body.object(
                "error",
                each -> {
                    each.text("kind", error.kind().label())
                            .numberIfKnown("status", attempt.status())
                            .text("message", Scrubber.scrub(error.message()));
                    if (error.retryAfter() != null) {
                        each.millis("retry_after_ms", error.retryAfter());
                    }
                });
    }

    private static String status(MeterOutcome outcome, @Nullable AttemptError error) {
        if (outcome == MeterOutcome.RACE_LOST) {
            return "race_lost";
        }
        if (error == null) {
            return "succeeded";
        }
        return error.kind() == ErrorKind.CANCELLED ? "cancelled" : "failed";
    }

    private static @Nullable Attempt decisive(ResultOutcome outcome) {
        return switch (outcome) {
            case ResultOutcome.Answered answered -> answered.attempt();
            case ResultOutcome.Unanswered _ -> null;
        };
    }
}
