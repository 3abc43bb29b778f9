package dev.gantry.escalation;

import static java.util.Comparator.comparing;

import dev.gantry.admission.Candidate;
import dev.gantry.circuit.state.LaneAvailability;
import dev.gantry.concurrent.Backoff;
import dev.gantry.escalation.AttemptHistory.Called;
import dev.gantry.escalation.AttemptHistory.Skipped;
import dev.gantry.inference.AttemptError;
import dev.gantry.inference.FailoverAction;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.RequestBody;
import dev.gantry.inference.RoutingPolicy;
import dev.gantry.routing.AppliedPolicy;
import dev.gantry.routing.ContextGuard;
import dev.gantry.routing.Lane;

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
    private static final Backoff REST = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(1));

    private final RunState state;
    private final AttemptHistory history;
    private final EscalationPolicy policy;

    Candidates(RunState state) {
        this.state = state;
        this.history = state.history();
        this.policy = state.policy();
    }

    /**
     * Lanes that may help. A policy's next link comes before what is left of one that was called;
     * without a policy the last attempt is kept for another model, or provider.
     */
    List<Candidate> list() {
        List<Candidate> untried = new ArrayList<>();
        List<Candidate> again = new ArrayList<>();
        for (Lane lane : state.route().lanes()) {
            if (state.lanes().gone(lane.id()) || !mayHelp(lane)) {
                continue;
            }
            switch (history.lastOn(lane.id())) {
                case null -> untried.add(new Candidate(lane.id(), Instant.MIN));
                case Called last when policy.action(last).mayReopen() ->
                        again.add(new Candidate(lane.id(), from(last), Candidate.Past.FAILED));
                case Called _, Skipped _ -> {}
            }
        }
        List<Candidate> all = new ArrayList<>(ordered(untried));
        all.addAll(again);
        return all;
    }

    /** Whether the guard lets the lane pass, and no overflow has shown its window too small. */
    private boolean mayHelp(Lane lane) {
        RequestBody.Facts facts = state.request().body().facts();
        return ContextGuard.fits(lane, facts, state.route().limits().contextHeadroom())
                && history.count(each -> rulesOut(each, lane)) == 0;
    }

    private boolean rulesOut(Called call, Lane lane) {
        FailoverAction action = policy.action(call);
        return (action == FailoverAction.LARGER_WINDOW && !larger(lane, call.lane()))
                || (action == FailoverAction.OTHER_PROVIDER && sameProvider(lane, call.lane()));
    }

    private static boolean sameProvider(Lane one, Lane other) {
        return one.id().provider().equals(other.id().provider());
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
    private Instant from(Called last) {
        boolean unmoved =
                state.lanes().availability(last.lane().id())
                                instanceof LaneAvailability.Admitted(long epoch)
                        && epoch == last.moment().epoch();
        return unmoved ? last.endedAt().plus(rest(last)) : Instant.MIN;
    }

    private Duration rest(Called last) {
        int visits = history.visits(last.lane().id());
        Duration jittered =
                REST.after(visits)
                        .multipliedBy(80 + Math.floorMod(last.attempt().id().hashCode(), 41))
                        .dividedBy(100);
        AttemptError error = last.attempt().error();
        Duration asked = error == null ? null : error.retryAfter();
        return asked != null && asked.compareTo(jittered) > 0 ? asked : jittered;
    }

    private List<Candidate> ordered(List<Candidate> untried) {
        AppliedPolicy applied = state.route().policy();
        if (applied != null) {
            return nextLinkFirst(untried, applied);
        }
        return lastAttempt() ? elsewhereFirst(untried) : untried;
    }

    private List<Candidate> nextLinkFirst(List<Candidate> untried, AppliedPolicy applied) {
        Set<RoutingPolicy.Link> called = new HashSet<>();
        for (Called each : history.calls()) {
            RoutingPolicy.Link link = applied.link(each.lane().id());
            if (link != null) {
                called.add(link);
            }
        }
        return called.isEmpty()
                ? untried
                : untried.stream()
                        .sorted(comparing(each -> called(each, applied, called)))
                        .toList();
    }

    private static boolean called(
            Candidate candidate, AppliedPolicy applied, Set<RoutingPolicy.Link> called) {
        RoutingPolicy.Link link = applied.link(candidate.lane());
        return link != null && called.contains(link);
    }

    private boolean lastAttempt() {
        return history.attemptsUsed(policy) == state.route().limits().maxAttempts() - 1
                && !history.charged(policy).isEmpty();
    }

    private List<Candidate> elsewhereFirst(List<Candidate> untried) {
        Set<String> models = new HashSet<>();
        Set<String> providers = new HashSet<>();
        Set<LaneId> charged = history.charged(policy);
        for (Lane lane : state.route().lanes()) {
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
        for (Lane lane : state.route().lanes()) {
            for (Candidate each : from) {
                if (each.lane().equals(lane.id()) && wanted.test(lane) && !to.contains(each)) {
                    to.add(each);
                }
            }
        }
    }
}
