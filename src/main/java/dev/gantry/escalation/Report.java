package dev.gantry.escalation;

import dev.gantry.circuit.Standing;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptError;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.routing.Lane;
import dev.gantry.routing.Route;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** The messages of a request's ends: every lane with what became of it. */
final class Report {
    private static final int REASON_LIMIT = 160;

    private final Route route;
    private final Trail trail;
    private final Outlook outlook;

    Report(Route route, Trail trail, Outlook outlook) {
        this.route = route;
        this.trail = trail;
        this.outlook = outlook;
    }

    String exhausted() {
        return "no lane answered: " + lanes(notTried());
    }

    String overflowed() {
        return "no lane left has a larger context window: " + lanes("its window is not larger");
    }

    String expired(InferenceRequest request) {
        return "the deadline %s passed: %s"
                .formatted(request.deadline().at(), lanes("there was no time left"));
    }

    /** Kind and message of an attempt's error, short enough to stand in a list. */
    static String reason(Attempt attempt) {
        AttemptError error = attempt.error();
        if (error == null) {
            return "answered";
        }
        String text = error.kind().label() + " (" + error.message();
        return text.length() < REASON_LIMIT ? text + ")" : clipped(text) + "…)";
    }

    private static String clipped(String text) {
        boolean split = Character.isHighSurrogate(text.charAt(REASON_LIMIT - 1));
        return text.substring(0, split ? REASON_LIMIT - 1 : REASON_LIMIT);
    }

    private String lanes(String untried) {
        Map<LaneId, String> reasons = new LinkedHashMap<>();
        for (Step step : trail.steps()) {
            reasons.put(step.lane().id(), reason(step.attempt()));
        }
        for (Lane lane : route.lanes()) {
            reasons.computeIfAbsent(lane.id(), id -> "not tried, " + benchedOr(id, untried));
        }
        return reasons.entrySet().stream()
                .map(each -> each.getKey() + ": " + each.getValue())
                .collect(Collectors.joining("; "));
    }

    private String benchedOr(LaneId lane, String untried) {
        return switch (outlook.standing(lane)) {
            case Standing.Admitted _ -> untried;
            case Standing.HalfOpen(var _, String reason) -> clip("half-open: " + reason);
            case Standing.Benched(var until, var _, String reason) ->
                    clip(
                            until == null
                                    ? "denied: " + reason
                                    : "benched until " + until + ": " + reason);
        };
    }

    private static String clip(String text) {
        return text.length() <= REASON_LIMIT ? text : clipped(text) + "…";
    }

    private String notTried() {
        Route.Limits limits = route.limits();
        if (!limits.escalate()) {
            return "escalate is false";
        }
        if (trail.attemptsUsed() >= limits.maxAttempts()) {
            return "max-attempts %d reached".formatted(limits.maxAttempts());
        }
        return trail.refusals() >= limits.maxRefusals()
                ? "max-refusals %d reached".formatted(limits.maxRefusals())
                : "its window is not larger";
    }
}
