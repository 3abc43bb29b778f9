package dev.gantry.escalation;

import dev.gantry.circuit.state.LaneAvailability;
import dev.gantry.escalation.AttemptHistory.Called;
import dev.gantry.escalation.AttemptHistory.Fact;
import dev.gantry.escalation.AttemptHistory.Skipped;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptError;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.Outcome.Failed;
import dev.gantry.provider.ProviderReply.Untranslatable;
import dev.gantry.routing.Lane;
import dev.gantry.routing.Route;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The messages of a request's ends: every lane with what became of each try. */
final class Report {
    private static final int REASON_LIMIT = 160;

    /** Different things that are said of one lane; a hundred refusals may differ in a number. */
    private static final int TOLD = 3;

    private final RunState state;

    Report(RunState state) {
        this.state = state;
    }

    Failed exhausted() {
        return unsaid()
                ? failed(
                        FailureCode.INVALID_REQUEST,
                        "nothing was sent, as no lane that was tried can be told this: ",
                        notTried())
                : failed(FailureCode.ESCALATION_EXHAUSTED, "no lane answered: ", notTried());
    }

    /** Whether it has failed by nothing but what the lanes' dialects cannot say. */
    private boolean unsaid() {
        return !state.history().facts().isEmpty()
                && state.history().facts().stream()
                        .allMatch(
                                each ->
                                        each instanceof Called call
                                                && call.heard().reply() instanceof Untranslatable);
    }

    Failed overflowed() {
        return failed(
                FailureCode.CONTEXT_OVERFLOW,
                "no lane left has a larger context window: ",
                "its window is not larger");
    }

    Failed expired() {
        return failed(
                FailureCode.BATCH_EXPIRED,
                "the deadline %s passed: ".formatted(state.request().deadline().at()),
                "there was no time left");
    }

    /** An attempt's error as the request's end. */
    static Failed of(FailureCode code, Attempt attempt) {
        return new Failed(
                code,
                reason(attempt, AttemptError::message),
                reason(attempt, AttemptError::reason));
    }

    /** Of a stream that somebody has read the beginning of. */
    static Failed brokenOff(Attempt attempt) {
        String lane =
                "the answer broke off after its first chunk was published: "
                        + attempt.lane()
                        + ": ";
        return new Failed(
                FailureCode.ESCALATION_EXHAUSTED,
                lane + reason(attempt, AttemptError::message),
                lane + reason(attempt, AttemptError::reason));
    }

    private Failed failed(FailureCode code, String what, String untried) {
        return new Failed(
                code,
                what + lanes(untried, AttemptError::message),
                what + lanes(untried, AttemptError::reason));
    }

    /** Kind and words of an attempt's error, short enough to stand in a list. */
    private static String reason(Attempt attempt, Function<AttemptError, String> words) {
        AttemptError error = attempt.error();
        if (error == null) {
            return "answered";
        }
        String text = error.kind().label() + " (" + words.apply(error);
        return text.length() < REASON_LIMIT ? text + ")" : clipped(text) + "…)";
    }

    private static String clipped(String text) {
        boolean split = Character.isHighSurrogate(text.charAt(REASON_LIMIT - 1));
        return text.substring(0, split ? REASON_LIMIT - 1 : REASON_LIMIT);
    }

    private String lanes(String untried, Function<AttemptError, String> words) {
        Map<LaneId, List<String>> tries = new LinkedHashMap<>();
        for (Fact fact : state.history().facts()) {
            List<String> before = tries.computeIfAbsent(fact.lane().id(), _ -> new ArrayList<>());
            before.add(
                    switch (fact) {
                        case Called call -> reason(call.attempt(), words);
                        case Skipped(_, String why) ->
                                (before.isEmpty() ? "not tried, " : "not tried again, ")
                                        + clip(why);
                    });
        }
        for (Lane lane : state.route().lanes()) {
            tries.computeIfAbsent(lane.id(), id -> List.of("not tried, " + benchedOr(id, untried)));
        }
        return tries.entrySet().stream()
                .map(each -> each.getKey() + ": " + folded(each.getValue()))
                .collect(Collectors.joining("; "));
    }

    /** Each once, in the order in which they came; of many different ones the last. */
    private static String folded(List<String> tries) {
        Map<String, Integer> counts = new LinkedHashMap<>();
        tries.forEach(each -> counts.merge(each, 1, Integer::sum));
        int passed = Math.max(0, counts.size() - TOLD);
        String told =
                counts.entrySet().stream()
                        .skip(passed)
                        .map(
                                each ->
                                        each.getValue() == 1
                                                ? each.getKey()
                                                : each.getKey() + " ×" + each.getValue())
                        .collect(Collectors.joining(", "));
        return passed == 0 ? told : "%d others, %s".formatted(passed, told);
    }

    private String benchedOr(LaneId lane, String untried) {
        return switch (state.lanes().availability(lane)) {
            case LaneAvailability.Admitted _ -> untried;
            case LaneAvailability.Gone _ -> "no longer offered";
            case LaneAvailability.HalfOpen(var _, var _, String reason) ->
                    clip("half-open: " + reason);
            case LaneAvailability.Benched(var until, var _, String reason) ->
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
        Route.Limits limits = state.route().limits();
        if (!limits.escalate()) {
            return "escalate is false";
        }
        if (state.history().attemptsUsed(state.policy()) >= limits.maxAttempts()) {
            return "max-attempts %d reached".formatted(limits.maxAttempts());
        }
        if (state.history().refusals(state.policy()) >= limits.maxRefusals()) {
            return "max-refusals %d reached".formatted(limits.maxRefusals());
        }
        return unsaid() ? "of the same provider" : "its window is not larger";
    }
}
