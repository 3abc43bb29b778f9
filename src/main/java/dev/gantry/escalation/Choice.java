package dev.gantry.escalation;

import dev.gantry.inference.LaneId;
import dev.gantry.inference.RequestBody;
import dev.gantry.routing.ContextGuard;
import dev.gantry.routing.Lane;
import dev.gantry.routing.Route;

import org.jspecify.annotations.Nullable;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** Which lane of a route comes next; pure. */
final class Choice {
    private Choice() {}

    /** The first that may help; the last attempt is kept for another model, or provider. */
    static @Nullable Lane next(RequestBody.Facts facts, Route route, Trail trail) {
        List<Lane> left =
                route.lanes().stream()
                        .filter(trail::untried)
                        .filter(lane -> mayHelp(lane, facts, route, trail))
                        .toList();
        if (left.isEmpty()) {
            return null;
        }
        Set<LaneId> charged = trail.charged();
        boolean lastAttempt = charged.size() == route.limits().maxAttempts() - 1;
        return lastAttempt && !charged.isEmpty()
                ? elsewhere(left, route, charged)
                : left.getFirst();
    }

    /** Whether the guard lets the lane pass, and no overflow has shown its window too small. */
    static boolean mayHelp(Lane lane, RequestBody.Facts facts, Route route, Trail trail) {
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

    private static Lane elsewhere(List<Lane> left, Route route, Set<LaneId> charged) {
        Set<String> models = new HashSet<>();
        Set<String> providers = new HashSet<>();
        for (Lane lane : route.lanes()) {
            if (charged.contains(lane.id())) {
                models.add(lane.canonicalModel());
                providers.add(lane.id().provider());
            }
        }
        return first(left, lane -> !models.contains(lane.canonicalModel()))
                .or(() -> first(left, lane -> !providers.contains(lane.id().provider())))
                .orElse(left.getFirst());
    }

    private static Optional<Lane> first(List<Lane> lanes, Predicate<Lane> wanted) {
        return lanes.stream().filter(wanted).findFirst();
    }
}
