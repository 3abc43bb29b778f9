package dev.gantry.event;

import dev.gantry.budget.Exceeded;
import dev.gantry.budget.TopicDay;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptError;
import dev.gantry.inference.Capability;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.Effort;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.Outcome;
import dev.gantry.inference.RaceEvent;
import dev.gantry.inference.RoutingPolicy;
import dev.gantry.metering.Money;
import dev.gantry.metering.Price;
import dev.gantry.metering.PriceList;
import dev.gantry.metering.TokenKind;
import dev.gantry.secret.Scrubber;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;

/** Writes the values of routing events. */
final class RoutingBody {
    static final int CANDIDATES = 16;

    /** Which lanes could have answered, which was asked first, and what became of each. */
    byte[] decision(Conclusion conclusion, RouteSummary summary, PriceList prices) {
        InferenceRequest request = conclusion.request();
        RouteReport report = summary.report().get();
        return JsonBody.of(
                body -> {
                    RequestMembers.ids(body, request);
                    body.text("decision_id", RequestMembers.decisionId(request));
                    policy(body, summary.policy());
                    body.number("max_attempts", report.maxAttempts());
                    body.array("needs", needs -> needs(needs, request))
                            .textIfKnown("effort", effort(request))
                            .number("estimated_input_tokens", estimate(request));
                    if (summary.assignment() == null) {
                        body.nothing("assignment");
                    }
                    RequestMembers.assignment(body, summary.assignment());
                    candidates(body, report.candidates(), prices);
                    body.textOrNull("chosen", chosen(conclusion))
                            .textOrNull("selected", selected(conclusion))
                            .textIfKnown("strategy", report.strategy())
                            .textIfKnown("rule", report.rule())
                            .text("reason", report.reason())
                            .number("attempts", conclusion.attempts().size());
                });
    }

    /** Nobody can answer before then. */
    byte[] waiting(InferenceRequest request, String reason, @Nullable Instant until) {
        return JsonBody.of(
                body -> {
                    RequestMembers.ids(body, request);
                    body.text("decision_id", RequestMembers.decisionId(request))
                            .text("reason", Scrubber.clean(reason));
                    if (until != null) {
                        body.time("until", until);
                    }
                    body.time("deadline", request.deadline().at());
                });
    }

    /** A call that a cap has stopped, or has warned of. */
    byte[] budgetExceeded(InferenceRequest request, Attempt.Dispatch call, Exceeded exceeded) {
        return JsonBody.of(
                body -> {
                    RequestMembers.ids(body, request);
                    body.text("decision_id", RequestMembers.decisionId(request))
                            .text("lane", call.lane().value());
                    step(body, call.step());
                    body.text("kind", exceeded.kind())
                            .text("limit", Money.text(exceeded.limit()))
                            .textOrNull("projected", Money.textIfKnown(exceeded.projected()))
                            .textOrNull("session", Money.textIfKnown(exceeded.session()))
                            .numberIfKnown("input_tokens", call.projectedInput())
                            .numberIfKnown("output_tokens", call.projectedOutput())
                            .text("on_exceed", exceeded.onExceed().label());
                    TopicDay day = exceeded.day();
                    if (day != null) {
                        body.text("topic", day.topic()).time("resets_at", day.resets());
                    }
                });
    }

    /** One dispatch and what came of it. */
    byte[] attempt(InferenceRequest request, Attempt attempt, String outcome) {
        return JsonBody.of(
                body -> {
                    RequestMembers.ids(body, request);
                    body.text("decision_id", RequestMembers.decisionId(request));
                    attempt(body, attempt);
                    step(body, attempt.dispatch().step());
                    body.text("reason", attempt.dispatch().reason()).text("outcome", outcome);
                });
    }

    /** What a race event is called. */
    static String kind(RaceEvent event) {
        return switch (event) {
            case RaceEvent.Started _ -> "race_started";
            case RaceEvent.Won _ -> "race_won";
            case RaceEvent.Lost _ -> "race_lost";
        };
    }

    /** Two calls for one answer, and which of them gave it. */
    byte[] raced(InferenceRequest request, RaceEvent event) {
        RaceEvent.Pair pair = event.pair();
        return JsonBody.of(
                body -> {
                    RequestMembers.ids(body, request);
                    body.text("decision_id", RequestMembers.decisionId(request))
                            .text("policy", pair.primary().step().policy())
                            .millis("race_after_ms", pair.after());
                    runner(body, "primary", pair.primary());
                    runner(body, "backup", pair.backup());
                    switch (event) {
                        case RaceEvent.Started _ -> {}
                        case RaceEvent.Won(_, var winner) -> placed(body, pair, winner);
                        case RaceEvent.Lost(_, var winner, var reason) -> {
                            placed(body, pair, winner);
                            body.text("reason", reason.label());
                        }
                    }
                });
    }

    private static void runner(JsonBody body, String role, RaceEvent.Runner runner) {
        body.text(role + "_label", runner.step().label())
                .text(role + "_lane", runner.lane().value())
                .text(role + "_attempt_id", runner.attempt().value());
    }

    private static void placed(
            JsonBody body, RaceEvent.Pair pair, RaceEvent.@Nullable Runner winner) {
        placed(body, "winner", winner);
        placed(body, "loser", winner == null ? null : pair.rival(winner));
    }

    /** The labels of both may be the same, the attempts are not. */
    private static void placed(JsonBody body, String role, RaceEvent.@Nullable Runner runner) {
        body.textOrNull(role, runner == null ? null : runner.step().label())
                .textOrNull(role + "_attempt_id", runner == null ? null : runner.attempt().value());
    }

    /**
     * The request has failed.
     *
     * @param code of its result's error; of a refusal the kind
     */
    byte[] exhausted(
            Conclusion conclusion, @Nullable RoutingPolicy policy, String code, String reason) {
        return JsonBody.of(
                body -> {
                    List<Attempt> attempts = conclusion.attempts();
                    RequestMembers.ids(body, conclusion.request());
                    body.text("decision_id", RequestMembers.decisionId(conclusion.request()))
                            .text("code", code)
                            .textIfKnown("policy", policy == null ? null : policy.name())
                            .number("attempts", attempts.size())
                            .text("message", Scrubber.clean(reason));
                    if (!attempts.isEmpty()) {
                        AttemptError error = attempts.getLast().error();
                        body.textIfKnown("error_kind", error == null ? null : error.kind().label())
                                .numberIfKnown("http_status", attempts.getLast().status());
                        body.object("last", last -> attempt(last, attempts.getLast()));
                    }
                });
    }

    private static void policy(JsonBody body, @Nullable RoutingPolicy policy) {
        if (policy == null) {
            body.nothing("policy");
            return;
        }
        body.text("policy", policy.name())
                .array("chain", chain -> policy.chain().forEach(each -> link(chain, each)));
    }

    private static void link(JsonBody chain, RoutingPolicy.Link link) {
        chain.element(
                body ->
                        body.text("provider", link.provider())
                                .text("model", link.model())
                                .textIfKnown("instance", link.instance())
                                .text("label", link.label()));
    }

    private static void needs(JsonBody body, InferenceRequest request) {
        request.needs().stream().sorted().map(Capability::label).forEach(body::item);
    }

    private static @Nullable String effort(InferenceRequest request) {
        Effort effort = request.options().intent().effort();
        return effort == null ? null : effort.label();
    }

    private static void candidates(
            JsonBody body, List<RouteReport.Candidate> candidates, PriceList prices) {
        body.array(
                "candidates",
                list ->
                        candidates.stream()
                                .limit(CANDIDATES)
                                .forEach(each -> candidate(list, each, prices)));
        if (candidates.size() > CANDIDATES) {
            body.flag("truncated", true);
        }
    }

    private static void candidate(
            JsonBody list, RouteReport.Candidate candidate, PriceList prices) {
        LaneId lane = candidate.lane();
        list.element(
                body -> {
                    body.text("lane", lane.value())
                            .flag("eligible", candidate.excludedBy() == null)
                            .textIfKnown("excluded_by", candidate.excludedBy());
                    prices.quote(lane).ifPresent(quote -> price(body, quote.price()));
                    body.textIfKnown("projected_cost", Money.textIfKnown(candidate.projected()))
                            .textIfKnown("quality", candidate.quality());
                    if (candidate.p50() != null) {
                        body.millis("p50_ms", candidate.p50());
                    }
                    if (candidate.p95() != null) {
                        body.millis("p95_ms", candidate.p95());
                    }
                    body.textIfKnown("circuit", candidate.circuit())
                            .textIfKnown("fate", candidate.fate());
                });
    }

    private static void price(JsonBody body, Price price) {
        price(body, "price_input", price.list().of(TokenKind.INPUT_UNCACHED));
        price(body, "price_output", price.list().of(TokenKind.OUTPUT_TEXT));
    }

    private static void price(JsonBody body, String name, @Nullable BigDecimal price) {
        body.textIfKnown(name, Money.textIfKnown(price));
    }

    private static void step(JsonBody body, RoutingPolicy.@Nullable Step step) {
        if (step != null) {
            body.text("policy", step.policy()).text("link_label", step.label());
        }
    }

    private static void attempt(JsonBody body, Attempt attempt) {
        body.text("attempt_id", attempt.id().value())
                .number("attempt_no", attempt.id().number())
                .text("attempt_kind", attempt.dispatch().kind().label())
                .text("lane", attempt.lane().value())
                .millis("duration_ms", attempt.took())
                .numberIfKnown("http_status", attempt.status());
        if (attempt.error() != null) {
            body.text("error_kind", attempt.error().kind().label())
                    .text("error_message", Scrubber.scrub(attempt.error().reason()));
        }
    }

    private static long estimate(InferenceRequest request) {
        return request.body().facts().estimatedInputTokens();
    }

    private static @Nullable String selected(Conclusion conclusion) {
        return conclusion.outcome() instanceof Outcome.Succeeded(Attempt answer)
                ? answer.lane().value()
                : null;
    }

    private static @Nullable String chosen(Conclusion conclusion) {
        return conclusion.attempts().isEmpty()
                ? null
                : conclusion.attempts().getFirst().lane().value();
    }
}
