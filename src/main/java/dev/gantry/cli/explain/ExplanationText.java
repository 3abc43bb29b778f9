package dev.gantry.cli.explain;

import dev.gantry.circuit.state.LaneAvailability;
import dev.gantry.cli.Table;
import dev.gantry.cli.Visible;
import dev.gantry.explain.Explanation;
import dev.gantry.explain.Explanation.OpenLane;
import dev.gantry.explain.ExplanationJson;
import dev.gantry.inference.Adaptation.Listed;
import dev.gantry.inference.Assignment;
import dev.gantry.inference.Capability;
import dev.gantry.inference.Caps;
import dev.gantry.inference.Change;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.RequestBody;
import dev.gantry.inference.RoutingPolicy;
import dev.gantry.metering.Money;
import dev.gantry.routing.AppliedPolicy;
import dev.gantry.routing.ExcludedLane;
import dev.gantry.routing.Route;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What would become of one request, as a person reads it. */
final class ExplanationText {
    private ExplanationText() {}

    static String of(Explanation explanation) {
        List<String> parts = new ArrayList<>();
        parts.add(request(explanation));
        Assignment assignment = explanation.route().assignment();
        if (assignment != null) {
            parts.add(assignment(assignment));
        }
        parts.add(rules(explanation.route()));
        if (!explanation.caps().none()) {
            parts.add(caps(explanation.caps()));
        }
        if (explanation.route().way() instanceof Route.Open(_, Route.Choice choice)) {
            parts.add(order(choice));
        }
        parts.add(decision(explanation));
        if (!explanation.lanes().isEmpty()) {
            parts.add("\n" + lanes(explanation.lanes()).stripTrailing());
        }
        List<ExcludedLane> excluded = explanation.excluded();
        if (!excluded.isEmpty()) {
            parts.add("\n" + excluded(excluded).stripTrailing());
        }
        return String.join("\n", parts);
    }

    private static String request(Explanation explanation) {
        InferenceRequest request = explanation.request();
        RequestBody.Facts facts = request.body().facts();
        String needs =
                explanation.route().needs().stream()
                        .sorted()
                        .map(Capability::label)
                        .collect(Collectors.joining(", "));
        return "%s: %s, %s, about %d tokens in, %s out%s"
                .formatted(
                        Visible.line(request.id().value()),
                        request.operation().label(),
                        facts.model() == null
                                ? "no model named"
                                : "model " + Visible.line(facts.model()),
                        facts.estimatedInputTokens(),
                        facts.requestedOutputTokens() == null
                                ? "no limit set"
                                : "at most " + facts.requestedOutputTokens(),
                        needs.isEmpty() ? "" : ", needs " + needs);
    }

    private static String assignment(Assignment assignment) {
        return "tier %s by %s, %s"
                .formatted(
                        assignment.tier().label(),
                        assignment.source().label(),
                        assignment.applied() ? "applied" : "not applied");
    }

    private static String rules(Route route) {
        Route.Limits limits = route.limits();
        AppliedPolicy applied = route.policy();
        String goesOn = "goes on after " + String.join(", ", ExplanationJson.goesOnAfter(applied));
        String bounds =
                limits.escalate()
                        ? "at most %s; ".formatted(counted(limits.maxAttempts(), "attempt"))
                        : "one call, its own error is the outcome; ";
        if (applied == null) {
            return "no policy: " + bounds + goesOn;
        }
        return "policy %s: %s%s%s"
                .formatted(
                        Visible.line(applied.policy().name()),
                        bounds,
                        goesOn,
                        own(applied.policy()));
    }

    /** What only policies have. */
    private static String own(RoutingPolicy policy) {
        String statuses =
                policy.failover().onStatus().stream()
                        .map(String::valueOf)
                        .collect(Collectors.joining(", "));
        Duration race = policy.latency().raceAfter();
        return (statuses.isEmpty() ? "" : ", and after status " + statuses)
                + "; %s in place".formatted(counted(policy.failover().retries(), "repeat"))
                + (race == null
                        ? ""
                        : "; a second lane is called too after %d ms".formatted(race.toMillis()));
    }

    private static String counted(int number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }

    private static String caps(Caps caps) {
        return "caps: "
                + caps.all().stream()
                        .map(
                                cap ->
                                        "%s %s (%s)"
                                                .formatted(
                                                        cap.scope().label(),
                                                        Money.text(cap.limit()),
                                                        cap.onExceed().label()))
                        .collect(Collectors.joining(", "));
    }

    private static String order(Route.Choice choice) {
        return switch (choice.rule()) {
            case CHAIN -> "order: the chain's";
            case TARGET_P95 -> "order: the chain's, lanes that miss its target-p95-ms last";
            default ->
                    "order by %s, decided by %s%s"
                            .formatted(
                                    choice.order().label(),
                                    choice.rule().label(),
                                    choice.fallback()
                                            ? "; no lane of the model asked for may be used"
                                            : "");
        };
    }

    private static String decision(Explanation explanation) {
        Explanation.End end = explanation.end();
        OpenLane taken = explanation.taken();
        if (end != null || taken == null) {
            return end == null
                    ? "it would end without a call"
                    : "it would end without a call: %s: %s"
                            .formatted(end.code().label(), Visible.line(end.message()));
        }
        return (explanation.waits() ? "it would wait for " : "it would call ")
                + Visible.line(taken.id().value());
    }

    private static String lanes(List<OpenLane> lanes) {
        Table table =
                new Table(
                        "",
                        "lane",
                        "circuit",
                        "timeout",
                        "USD low",
                        "projected",
                        "high",
                        "remarks");
        int order = 0;
        for (OpenLane lane : lanes) {
            table.add(
                    Integer.toString(++order),
                    lane.id().value(),
                    circuit(lane.availability()),
                    Table.span(Duration.between(lane.call().startedAt(), lane.call().deadline())),
                    money(lane.cost().low()),
                    money(lane.cost().projected()),
                    money(lane.cost().high()),
                    remarks(lane));
        }
        return table.toString();
    }

    private static String circuit(@Nullable LaneAvailability availability) {
        String label = ExplanationJson.circuit(availability);
        return availability instanceof LaneAvailability.Benched(Instant until, _, _)
                        && until != null
                ? label + " until " + Table.seconds(until)
                : label;
    }

    private static String money(@Nullable BigDecimal amount) {
        return amount == null ? "unknown" : Money.text(amount);
    }

    private static String remarks(OpenLane lane) {
        List<String> remarks = new ArrayList<>();
        if (lane.call().step() != null) {
            remarks.add(lane.call().step().label());
        }
        if (lane.exceeded() != null) {
            remarks.add(lane.exceeded().message() + ": " + lane.exceeded().onExceed().label());
        }
        if (lane.unsayable() != null) {
            remarks.add("nothing is sent: " + lane.unsayable());
        }
        lane.call().adaptation().listed().stream()
                .map(Listed::change)
                .map(ExplanationText::change)
                .forEach(remarks::add);
        return String.join("; ", remarks);
    }

    private static String change(Change change) {
        return switch (change) {
            case Change.Dropped(String member) -> member + " is left out";
            case Change.Renamed(String member, String to) -> member + " goes out as " + to;
            case Change.Clamped(String member, long limit) -> member + " is lowered to " + limit;
        };
    }

    private static String excluded(List<ExcludedLane> excluded) {
        Table table = new Table("left out", "rule", "because");
        excluded.forEach(each -> table.add(each.lane().id().value(), each.rule(), each.because()));
        return table.toString();
    }
}
