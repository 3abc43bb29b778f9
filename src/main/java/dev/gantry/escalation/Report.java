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
        return failed(code, words -> reason(attempt, words));
    }

    /** Of a stream that somebody has read the beginning of. */
    static Failed brokenOff(Attempt attempt) {
        String what = "the answer broke off after its first chunk was published: ";
        return failed(
                FailureCode.ESCALATION_EXHAUSTED,
                words -> what + attempt.lane() + ": " + reason(attempt, words));
    }

    private Failed failed(FailureCode code, String what, String untried) {
        return failed(code, words -> what + lanes(untried, words));
    }

    private static Failed failed(
            FailureCode code, Function<Function<AttemptError, String>, String> text) {
        return new Failed(
                code, text.apply(AttemptError::message), text.apply(AttemptError::reason));
    }

    /** Kind and words of an attempt's error, short enough to stand in a list. */
    private static String reason(Attempt attempt, Function<AttemptError, String> words) {
        AttemptError error = attempt.error();
        if (error == null) {
            return "answered";
        }
        return clip(error.kind().label() + " (" + words.apply(error)) + ")";
    }

    private String lanes(String untried, Function<AttemptError, String> words) {
        Map<LaneId, List<String>> tries = new LinkedHashMap<>();
        for (Fact fact : state.history().facts()) {
            String met =
                    switch (fact) {
                        case Called call -> reason(call.attempt(), words);
                        case Skipped(_, String why) -> "not tried, " + clip(why);
                    };
            tries.computeIfAbsent(fact.lane().id(), _ -> new ArrayList<>()).add(met);
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
        return counts.entrySet().stream()
                .skip(passed)
                .map(each -> each.getKey() + (each.getValue() == 1 ? "" : " ×" + each.getValue()))
                .collect(Collectors.joining(", ", passed == 0 ? "" : passed + " others, ", ""));
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
        if (text.length() <= REASON_LIMIT) {
            return text;
        }
        boolean split = Character.isHighSurrogate(text.charAt(REASON_LIMIT - 1));
        return text.substring(0, split ? REASON_LIMIT - 1 : REASON_LIMIT) + "…";
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
