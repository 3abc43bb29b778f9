package dev.gantry.escalation;

import dev.gantry.admission.Candidate;
import dev.gantry.circuit.state.LaneAvailability;
import dev.gantry.inference.AttemptError;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.RequestBody;
import dev.gantry.routing.ContextGuard;
import dev.gantry.routing.Lane;
import dev.gantry.routing.Route;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Which lanes of a route may still be called, in order: first those untried, then those that
 * refused or failed in passing, each from when it may be asked again. Pure.
 */
final class Candidates {
    private static final Duration FIRST_REST = Duration.ofSeconds(1);
    private static final Duration LONGEST_REST = Duration.ofMinutes(1);

    private final InferenceRequest request;
    private final Route route;
    private final Trail trail;
    private final Outlook outlook;

    Candidates(InferenceRequest request, Route route, Trail trail, Outlook outlook) {
        this.request = request;
        this.route = route;
        this.trail = trail;
        this.outlook = outlook;
    }

    /** Lanes that may help; the last attempt is kept for another model, or provider. */
    List<Candidate> list() {
        List<Candidate> untried = new ArrayList<>();
        List<Candidate> again = new ArrayList<>();
        for (Lane lane : route.lanes()) {
            if (outlook.gone(lane.id()) || !mayHelp(lane)) {
                continue;
            }
            Step last = trail.lastOn(lane);
            if (last == null) {
                untried.add(new Candidate(lane.id(), Instant.MIN));
            } else if (last.remedy().mayReopen()) {
                again.add(new Candidate(lane.id(), from(last), Candidate.Past.FAILED));
            }
        }
        List<Candidate> all = new ArrayList<>(lastAttempt() ? elsewhereFirst(untried) : untried);
        all.addAll(again);
        return all;
    }

    /** Whether the guard lets the lane pass, and no overflow has shown its window too small. */
    private boolean mayHelp(Lane lane) {
        RequestBody.Facts facts = request.body().facts();
        return ContextGuard.fits(lane, facts, route.limits().contextHeadroom())
                && trail.steps().stream()
                        .filter(step -> step.remedy() == Remedy.LARGER_WINDOW)
                        .allMatch(step -> larger(lane, step.lane()));
    }

    /** An unknown window is not known to be larger; any known one is larger than an unknown. */
    private static boolean larger(Lane lane, Lane overflowed) {
        return lane.contextWindow() != null
                && (overflowed.contextWindow() == null
                        || lane.contextWindow() > overflowed.contextWindow());
    }

    /**
     * Where a circuit has opened since, it alone says when; where none has, the lane rests: 1 s,
     * doubled to 60 s, ±20 % so that those who failed together do not come back together.
     */
    private Instant from(Step last) {
        boolean unmoved =
                outlook.availability(last.lane().id())
                                instanceof LaneAvailability.Admitted(long epoch)
                        && epoch == last.epoch();
        return unmoved ? last.endedAt().plus(rest(last)) : Instant.MIN;
    }

    private Duration rest(Step last) {
        int visits = trail.visits(last.lane());
        Duration doubled = FIRST_REST.multipliedBy(1L << Math.min(visits - 1, 6));
        Duration bounded = doubled.compareTo(LONGEST_REST) < 0 ? doubled : LONGEST_REST;
        Duration jittered =
                bounded.multipliedBy(80 + Math.floorMod(last.attempt().id().hashCode(), 41))
                        .dividedBy(100);
        AttemptError error = last.attempt().error();
        Duration asked = error == null ? null : error.retryAfter();
        return asked != null && asked.compareTo(jittered) > 0 ? asked : jittered;
    }

    private boolean lastAttempt() {
        return trail.attemptsUsed() == route.limits().maxAttempts() - 1
                && !trail.charged().isEmpty();
    }

    private List<Candidate> elsewhereFirst(List<Candidate> untried) {
        Set<String> models = new HashSet<>();
        Set<String> providers = new HashSet<>();
        Set<LaneId> charged = trail.charged();
        for (Lane lane : route.lanes()) {
            if (charged.contains(lane.id())) {
                models.add(lane.canonicalModel());
                providers.add(lane.id().provider());
            }
        }
        List<Candidate> ordered = new ArrayList<>();
        take(untried, ordered, lane -> !models.contains(lane.canonicalModel()));
        take(untried, ordered, lane -> !providers.contains(lane.id().provider()));
        take(untried, ordered, _ -> true);
        return ordered;
    }

    private void take(List<Candidate> from, List<Candidate> to, Predicate<Lane> wanted) {
        for (Lane lane : route.lanes()) {
            for (Candidate each : from) {
                if (each.lane().equals(lane.id()) && wanted.test(lane) && !to.contains(each)) {
                    to.add(each);
                }
            }
        }
    }
}
