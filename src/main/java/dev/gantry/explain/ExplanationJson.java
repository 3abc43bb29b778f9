package dev.gantry.explain;

import dev.gantry.circuit.state.LaneAvailability;
import dev.gantry.explain.Explanation.OpenLane;
import dev.gantry.inference.Assignment;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.Capability;
import dev.gantry.inference.Caps;
import dev.gantry.inference.Change;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.FailoverRules;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.RequestBody;
import dev.gantry.inference.RoutingPolicy;
import dev.gantry.inference.StateLabel;
import dev.gantry.metering.Money;
import dev.gantry.routing.AppliedPolicy;
import dev.gantry.routing.ExcludedLane;
import dev.gantry.routing.Route;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** An explanation as one JSON object: for the page and the command alike. */
public final class ExplanationJson {
    private ExplanationJson() {}

    /** Nothing of the prompt, no key and no address is in it. */
    public static ObjectNode of(Explanation explanation) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        request(root, explanation.request(), explanation.route());
        decision(root, explanation);
        assignment(root, explanation.route().assignment());
        if (explanation.route().way() instanceof Route.Open(_, Route.Choice choice)) {
            root.putObject("order")
                    .put("by", explanation.route().strategy())
                    .put("rule", choice.rule().label())
                    .put("fallback", choice.fallback());
        }
        rules(root.putObject("rules"), explanation);
        ArrayNode lanes = root.putArray("lanes");
        explanation.lanes().forEach(each -> lane(lanes.addObject(), each));
        ArrayNode excluded = root.putArray("excluded");
        for (ExcludedLane each : explanation.excluded()) {
            excluded.addObject()
                    .put("lane", each.lane().id().value())
                    .put("rule", each.rule())
                    .put("because", each.because());
        }
        return root.put("catalog", explanation.offered().version());
    }

    private static void request(ObjectNode root, InferenceRequest request, Route route) {
        RequestBody.Facts facts = request.body().facts();
        root.put("request_id", request.id().value())
                .put("topic", request.source().topic())
                .put("operation", request.operation().label())
                .put("model", facts.model());
        ArrayNode needs = root.putArray("needs");
        route.needs().stream().sorted().map(Capability::label).forEach(needs::add);
        root.put("input_tokens", facts.estimatedInputTokens())
                .put("requested_output_tokens", facts.requestedOutputTokens())
                .put("choices", facts.choices())
                .put("deadline", request.deadline().at().toString());
    }

    private static void decision(ObjectNode root, Explanation explanation) {
        OpenLane taken = explanation.taken();
        Explanation.End end = explanation.end();
        root.put("outcome", end != null ? "ends" : explanation.waits() ? "waits" : "calls")
                .put("lane", taken == null ? null : taken.id().value());
        if (end != null) {
            root.putObject("error").put("code", end.code().label()).put("message", end.message());
        }
        cost(root, explanation.cost());
    }

    private static void assignment(ObjectNode root, @Nullable Assignment assignment) {
        if (assignment != null) {
            root.putObject("assignment")
                    .put("tier", assignment.tier().label())
                    .put("source", assignment.source().label())
                    .put("forced", assignment.forced())
                    .put("applied", assignment.applied());
        }
    }

    private static void rules(ObjectNode root, Explanation explanation) {
        Route route = explanation.route();
        Route.Limits limits = route.limits();
        root.put("escalate", limits.escalate())
                .put("max_attempts", limits.maxAttempts())
                .put("max_refusals", limits.maxRefusals())
                .put("context_headroom", limits.contextHeadroom())
                .put("when_benched", limits.whenBenched().name().toLowerCase(Locale.ROOT));
        AppliedPolicy applied = route.policy();
        ArrayNode kinds = root.putArray("goes_on_after");
        goesOnAfter(applied).forEach(kinds::add);
        ArrayNode caps = root.putArray("caps");
        for (Caps.Cap cap : explanation.caps().all()) {
            caps.addObject()
                    .put("kind", cap.scope().label())
                    .put("limit", Money.text(cap.limit()))
                    .put("on_exceed", cap.onExceed().label());
        }
        if (applied != null) {
            policy(root.putObject("policy"), applied.policy());
        }
    }

    /**
     * The kinds of failure that lead to another lane, whatever their status.
     *
     * @param applied null: the standard rules are in force
     */
    public static List<String> goesOnAfter(@Nullable AppliedPolicy applied) {
        return Arrays.stream(ErrorKind.values())
                .filter(
                        kind ->
                                applied == null
                                        ? kind.rule().next().goesOn()
                                        : applied.policy().failover().advances(kind, null))
                .map(ErrorKind::label)
                .toList();
    }

    private static void policy(ObjectNode root, RoutingPolicy policy) {
        root.put("name", policy.name());
        ArrayNode chain = root.putArray("chain");
        for (RoutingPolicy.Link link : policy.chain()) {
            chain.addObject()
                    .put("provider", link.provider())
                    .put("model", link.model())
                    .put("instance", link.instance())
                    .put("label", link.label())
                    .put("timeout_ms", millis(link.timeout()));
        }
        FailoverRules merged = policy.failover();
        ObjectNode failover = root.putObject("failover");
        ArrayNode statuses = failover.putArray("on_status");
        merged.onStatus().forEach(statuses::add);
        ArrayNode kinds = failover.putArray("on_error_kinds");
        merged.onErrorKinds().stream().map(ErrorKind::label).forEach(kinds::add);
        failover.put("on_timeout_ms", millis(merged.onTimeout()))
                .put("max_attempts", policy.maxAttempts())
                .put("advance_on_permanent", merged.advanceOnPermanent())
                .put("retries", merged.retries());
        root.putObject("latency")
                .put("race_after_ms", millis(policy.latency().raceAfter()))
                .put("target_p95_ms", millis(policy.latency().targetP95()));
    }

    private static void lane(ObjectNode root, OpenLane lane) {
        Attempt.Dispatch call = lane.call();
        root.put("lane", lane.id().value());
        if (call.step() != null) {
            root.put("label", call.step().label());
        }
        circuit(root, lane.availability());
        if (lane.latency() != null) {
            root.put("p50_ms", lane.latency().p50().toMillis())
                    .put("p95_ms", lane.latency().p95().toMillis());
        }
        root.put("timeout_ms", millis(Duration.between(call.startedAt(), call.deadline())))
                .put("input_tokens", call.projectedInput())
                .put("output_tokens_at_most", call.projectedOutput());
        cost(root, lane.cost());
        if (lane.exceeded() != null) {
            root.putObject("cap")
                    .put("kind", lane.exceeded().kind())
                    .put("limit", Money.text(lane.exceeded().limit()))
                    .put("on_exceed", lane.exceeded().onExceed().label());
        }
        if (lane.unsayable() != null) {
            root.put("untranslatable", lane.unsayable());
        }
        ArrayNode adapted = root.putArray("adapted");
        call.adaptation().listed().forEach(each -> change(adapted.addObject(), each.change()));
    }

    private static void circuit(ObjectNode root, @Nullable LaneAvailability availability) {
        root.put("circuit", circuit(availability));
        if (availability instanceof LaneAvailability.Benched benched) {
            root.put("until", benched.until() == null ? null : benched.until().toString());
        }
        if (availability instanceof LaneAvailability.Benched(_, ErrorKind kind, _)
                && kind != null) {
            root.put("kind", kind.label());
        }
    }

    /** The word for how a lane stands, as the lanes page has it. */
    public static String circuit(@Nullable LaneAvailability availability) {
        return switch (availability) {
            case null -> "unknown";
            case LaneAvailability.Admitted _ -> StateLabel.CLOSED.label();
            case LaneAvailability.HalfOpen _ -> StateLabel.HALF_OPEN.label();
            case LaneAvailability.Benched(Instant until, _, _) ->
                    (until == null ? StateLabel.DENIED : StateLabel.OPEN).label();
            case LaneAvailability.Gone _ -> "gone";
        };
    }

    private static void change(ObjectNode root, Change change) {
        root.put("member", change.member());
        switch (change) {
            case Change.Dropped _ -> root.put("change", "dropped");
            case Change.Renamed(_, String to) -> root.put("change", "renamed").put("to", to);
            case Change.Clamped(_, long limit) -> root.put("change", "clamped").put("limit", limit);
        }
    }

    private static void cost(ObjectNode root, @Nullable CostRange cost) {
        if (cost != null) {
            root.putObject("cost_usd")
                    .put("low", Money.textIfKnown(cost.low()))
                    .put("projected", Money.textIfKnown(cost.projected()))
                    .put("high", Money.textIfKnown(cost.high()));
        }
    }

    private static @Nullable Long millis(@Nullable Duration time) {
        return time == null ? null : Long.valueOf(time.toMillis());
    }
}
