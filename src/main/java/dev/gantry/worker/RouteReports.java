package dev.gantry.worker;

import dev.gantry.event.RouteReport;
import dev.gantry.event.RouteReport.Candidate;
import dev.gantry.event.RouteSummary;
import dev.gantry.inference.Assignment;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.StateLabel;
import dev.gantry.routing.Exclusion;
import dev.gantry.routing.Lane;
import dev.gantry.routing.LaneLatencies;
import dev.gantry.routing.LaneLatencies.Quantiles;
import dev.gantry.routing.Projection;
import dev.gantry.routing.RankRule;
import dev.gantry.routing.Route;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** What a route says of itself in the decision event: how its lanes stood when it was chosen. */
public final class RouteReports {
    private static final Standing UNSEEN = new Standing(null, null, null);

    private final Function<LaneId, StateLabel> circuits;
    private final LaneLatencies latencies;

    /**
     * @param circuits how a lane stands; asked for each lane of each request
     */
    public RouteReports(Function<LaneId, StateLabel> circuits, LaneLatencies latencies) {
        this.circuits = circuits;
        this.latencies = latencies;
    }

    /** The lanes that an event may tell of, as they stood. */
    record Decided(List<Standing> lanes) {
        Standing of(LaneId lane) {
            for (Standing each : lanes) {
                if (lane.equals(each.lane())) {
                    return each;
                }
            }
            return UNSEEN;
        }
    }

    /**
     * One of them.
     *
     * @param lane null: it was not on the route then
     */
    record Standing(
            @Nullable LaneId lane, @Nullable StateLabel circuit, @Nullable Quantiles latency) {}

    /** Learns the latency of a lane that answered. */
    void ended(Attempt attempt) {
        if (attempt.succeeded()) {
            latencies.answered(attempt.lane(), attempt.took());
        }
    }

    /** For every request, since nobody knows yet which decisions will be told. */
    Decided decided(Route route) {
        List<Lane> lanes = route.lanes();
        List<Exclusion> exclusions = route.exclusions();
        int open = Math.min(lanes.size(), RouteReport.MOST_CANDIDATES);
        int all = Math.min(open + exclusions.size(), RouteReport.MOST_CANDIDATES);
        List<Standing> standings = new ArrayList<>(all);
        for (int i = 0; i < all; i++) {
            Lane lane = i < open ? lanes.get(i) : exclusions.get(i - open).lane();
            standings.add(
                    new Standing(lane.id(), circuits.apply(lane.id()), latencies.of(lane.id())));
        }
        return new Decided(standings);
    }

    /** Of a request that has ended. */
    RouteSummary summary(Route route, Decided decided, Fates fates) {
        return new RouteSummary(
                route.lanes().isEmpty() ? null : route.lanes().getFirst().id(),
                route.policy() == null ? null : route.policy().policy(),
                route.assignment(),
                () -> report(route, decided, fates));
    }

    private static RouteReport report(Route route, Decided decided, Fates fates) {
        Stream<Candidate> eligible =
                route.lanes().stream().map(lane -> eligible(lane, route, decided, fates));
        Stream<Candidate> excluded =
                route.exclusions().stream()
                        .map(each -> candidate(each.lane(), each, route, decided, fates));
        List<Candidate> candidates =
                Stream.concat(eligible, excluded).limit(RouteReport.MOST_CANDIDATES).toList();
        int attempts = route.limits().maxAttempts();
        return switch (route.way()) {
            case Route.DeadEnd(_, String message) ->
                    new RouteReport(candidates, null, null, message, attempts);
            case Route.Open(_, Route.Choice choice) ->
                    new RouteReport(
                            candidates,
                            route.strategy(),
                            choice.rule().label(),
                            reason(route, choice) + passedOver(route, decided, fates),
                            attempts);
        };
    }

    private static Candidate eligible(Lane lane, Route route, Decided decided, Fates fates) {
        return candidate(lane, null, route, decided, fates);
    }

    private static Candidate candidate(
            Lane lane, @Nullable Exclusion exclusion, Route route, Decided decided, Fates fates) {
        Standing standing = decided.of(lane.id());
        Quantiles known = standing.latency();
        return new Candidate(
                lane.id(),
                exclusion == null ? null : exclusion.label(),
                lane.quality() == null ? null : lane.quality().label(),
                Projection.atMost(route.prices(), lane, fates.conclusion().request()),
                known == null ? null : known.p50(),
                known == null ? null : known.p95(),
                standing.circuit() == null ? null : standing.circuit().label(),
                exclusion == null ? fates.of(lane.id(), standing.circuit()) : null);
    }

    /** What decided, of the lanes that the route has. */
    private static String reason(Route route, Route.Choice choice) {
        String why = why(route, choice.rule());
        return choice.fallback() ? "fallback model: " + why : why;
    }

    private static String why(Route route, RankRule rule) {
        return switch (rule) {
            case ONLY_LANE -> "the only lane";
            case CHAIN -> chain(route);
            case TARGET_P95 -> chain(route) + "; lanes before it miss its target-p95-ms";
            case PREFER -> "preferred by the request";
            case ASSIGNMENT -> assigned(route.assignment());
            case DEFAULT_PROVIDER -> "default provider";
            case LOCAL_COPY -> "local copy";
            case EFFORT -> "quality nearest to the effort";
            case COST -> "lowest price";
            case LATENCY -> "lowest p95";
            case DEADLINE -> "lowest price in time";
            case WEIGHT -> "highest weight";
            case TURN -> "its turn among equals";
        };
    }

    private static String chain(Route route) {
        return route.policy() == null
                ? "the chain"
                : "the chain of policy " + route.policy().policy().name();
    }

    private static String assigned(@Nullable Assignment assignment) {
        return assignment == null
                ? "an assigned tier"
                : "tier %s assigned by %s"
                        .formatted(assignment.tier().label(), assignment.source().label());
    }

    /** Where another lane was called first than the route's first. */
    private static String passedOver(Route route, Decided decided, Fates fates) {
        LaneId first = route.lanes().getFirst().id();
        LaneId chosen = fates.chosen();
        if (chosen == null || chosen.equals(first)) {
            return "";
        }
        StateLabel circuit = decided.of(first).circuit();
        return circuit == null || circuit == StateLabel.CLOSED
                ? "; %s had no room".formatted(first)
                : "; %s was %s".formatted(first, circuit.label());
    }
}
