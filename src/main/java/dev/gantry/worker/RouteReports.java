package dev.gantry.worker;

import dev.gantry.delivery.RouteReport;
import dev.gantry.delivery.RouteReport.Candidate;
import dev.gantry.routing.Assignment;
import dev.gantry.routing.Route;

import org.jspecify.annotations.Nullable;

import java.util.stream.Stream;

/** What a route says of itself in the decision event. */
final class RouteReports {
    private RouteReports() {}

    static RouteReport of(Route route) {
        Stream<Candidate> eligible =
                route.lanes().stream().map(lane -> new Candidate(lane.id(), null));
        Stream<Candidate> excluded =
                route.exclusions().stream()
                        .map(each -> new Candidate(each.lane(), each.filter().label()));
        return new RouteReport(
                Stream.concat(eligible, excluded).toList(),
                reason(route),
                assignment(route.assignment()));
    }

    private static RouteReport.@Nullable Assignment assignment(@Nullable Assignment assignment) {
        return assignment == null
                ? null
                : new RouteReport.Assignment(
                        assignment.tier(), assignment.source().label(), assignment.applied());
    }

    private static String reason(Route route) {
        if (route.deadEnd() != null) {
            return route.deadEnd().message();
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
