package dev.gantry.escalation;

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

    private Report() {}

    static String exhausted(Route route, Trail trail) {
        return "no lane answered: " + lanes(route, trail, notTried(route, trail));
    }

    static String overflowed(Route route, Trail trail) {
        return "no lane left has a larger context window: "
                + lanes(route, trail, "its window is not larger");
    }

    static String expired(InferenceRequest request, Route route, Trail trail) {
        return "the deadline %s passed: %s"
                .formatted(request.deadline().at(), lanes(route, trail, "there was no time left"));
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

    private static String lanes(Route route, Trail trail, String untried) {
        Map<LaneId, String> reasons = new LinkedHashMap<>();
        trail.steps().forEach(step -> reasons.put(step.lane().id(), reason(step.attempt())));
        for (Lane lane : route.lanes()) {
            reasons.putIfAbsent(lane.id(), "not tried, " + untried);
        }
        return reasons.entrySet().stream()
                .map(each -> each.getKey() + ": " + each.getValue())
                .collect(Collectors.joining("; "));
    }

    private static String notTried(Route route, Trail trail) {
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
