package dev.gantry.worker;

import dev.gantry.event.RouteReport;
import dev.gantry.event.RouteReport.Candidate;
import dev.gantry.event.RouteSummary;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.LaneId;
import dev.gantry.routing.Assignment;
import dev.gantry.routing.Filter;
import dev.gantry.routing.Lane;
import dev.gantry.routing.LaneLatencies;
import dev.gantry.routing.Route;

import org.jspecify.annotations.Nullable;

import java.util.function.Function;
import java.util.stream.Stream;

/** What a route says of itself in the decision event: how its lanes stand when it is written. */
public final class RouteReports {
    private final Function<LaneId, String> circuits;
    private final LaneLatencies latencies;

    /**
     * @param circuits the state of a lane's circuit, as events name it
     */
    public RouteReports(Function<LaneId, String> circuits, LaneLatencies latencies) {
        this.circuits = circuits;
        this.latencies = latencies;
    }

    /** Learns the latency of a lane that answered. */
    void ended(Attempt attempt) {
        if (attempt.succeeded()) {
            latencies.answered(attempt.lane(), attempt.took());
        }
    }

    RouteSummary summary(Route route) {
        return new RouteSummary(
                route.lanes().isEmpty() ? null : route.lanes().getFirst().id(),
                route.policy() == null ? null : route.policy().policy(),
                () -> report(route));
    }

    private RouteReport report(Route route) {
        Stream<Candidate> eligible = route.lanes().stream().map(lane -> candidate(lane, null));
        Stream<Candidate> excluded =
                route.exclusions().stream().map(each -> candidate(each.lane(), each.filter()));
        return new RouteReport(
                Stream.concat(eligible, excluded).limit(RouteReport.MOST_CANDIDATES).toList(),
                reason(route),
                assignment(route.assignment()));
    }

    private Candidate candidate(Lane lane, @Nullable Filter filter) {
        LaneLatencies.Quantiles known = latencies.of(lane.id());
        return new Candidate(
                lane.id(),
                filter == null ? null : filter.label(),
                lane.quality() == null ? null : lane.quality().label(),
                known == null ? null : known.p50(),
                known == null ? null : known.p95(),
                circuits.apply(lane.id()));
    }

    private static RouteReport.@Nullable Assignment assignment(@Nullable Assignment assignment) {
        return assignment == null
                ? null
                : new RouteReport.Assignment(
                        assignment.tier(), assignment.source().label(), assignment.applied());
    }

    private static String reason(Route route) {
        if (route.way() instanceof Route.DeadEnd(_, String message)) {
            return message;
        }
        if (route.policy() != null) {
            return "the chain of policy " + route.policy().policy().name();
        }
        return route.assignment() == null
                ? "highest weight"
                : "tier %s assigned by %s, %s"
                        .formatted(
                                route.assignment().tier().label(),
                                route.assignment().source().label(),
                                route.assignment().applied() ? "applied" : "not applied");
    }
}
