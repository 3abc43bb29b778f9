package dev.gantry.routing;

import dev.gantry.inference.Assignment;
import dev.gantry.inference.CostGoal;
import dev.gantry.inference.Effort;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.RequestOptions;
import dev.gantry.inference.RequestOptions.Intent;
import dev.gantry.inference.RequestOptions.PolicyChoice;
import dev.gantry.inference.RoutingPolicy;
import dev.gantry.inference.Tier;
import dev.gantry.metering.PriceList;
import dev.gantry.routing.PolicyIndex.Chosen;
import dev.gantry.routing.RoutingSettings.Order;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Turns a request into its route. One router stands for one state of the catalogue; a changed
 * catalogue gets a new router. Thread-safe.
 */
public final class Router {
    private final RoutingSettings settings;
    private final PriceList prices;
    private final TierAssigner assigner;
    private final ModelOrder models;

    /** In the configuration's order. */
    private final Map<LaneId, Lane> lanes;

    private final PolicyIndex policies;

    /** Of lanes that have no price, without policies. */
    public Router(List<Lane> lanes, RoutingSettings settings) {
        this(lanes, settings, Map.of(), PriceList.NONE);
    }

    /**
     * @param policies by the names that requests use
     */
    public Router(
            List<Lane> lanes,
            RoutingSettings settings,
            Map<String, RoutingPolicy> policies,
            PriceList prices) {
        this.settings = settings;
        this.prices = prices;
        this.lanes =
                Collections.unmodifiableMap(
                        lanes.stream()
                                .collect(
                                        Collectors.toMap(
                                                Lane::id,
                                                each -> each,
                                                (a, _) -> a,
                                                LinkedHashMap::new)));
        LaneIndex index = new LaneIndex(lanes, settings);
        assigner = new TierAssigner(settings);
        models = new ModelOrder(index, settings);
        this.policies = new PolicyIndex(index, settings, policies);
    }

    /** Where nothing is known of latencies. */
    public Route route(InferenceRequest request) {
        return route(request, new LaneLatencies(() -> 0));
    }

    /** Pure: the same request, catalogue and latencies give the same route on every worker. */
    public Route route(InferenceRequest request, LaneLatencies latencies) {
        PolicyChoice choice = request.options().constraints().policy();
        if (choice == null) {
            return route(request, null, List.of(), latencies);
        }
        return switch (policies.choose(request.options(), choice)) {
            case Chosen.Chain chain -> route(request, chain, List.of(), latencies);
            case Chosen.Refused(String message) -> refused(request, message);
        };
    }

    /**
     * Of a request that has begun: by the policy that it began with, and what its settings closed
     * then is not open to it now.
     */
    Route reroute(InferenceRequest request, Route before, LaneLatencies latencies) {
        AppliedPolicy applied = before.policy();
        return route(
                request,
                applied == null ? null : policies.chain(applied.policy()),
                before.under(),
                latencies);
    }

    /** Why the request cannot be used as the catalogue is; null: it can. */
    public @Nullable String objection(InferenceRequest request) {
        PolicyChoice choice = request.options().constraints().policy();
        return choice != null
                        && policies.choose(request.options(), choice)
                                instanceof Chosen.Refused(String message)
                ? message
                : null;
    }

    /**
     * What keeps every lane that is not on a request's route from it, in the configuration's order;
     * for people, not for the hot path.
     *
     * @param route of this router
     */
    public List<ExcludedLane> excluded(InferenceRequest request, Route route) {
        HardFilters filters =
                new HardFilters(request, assigner.assign(request.options()), settings, List.of());
        Map<LaneId, Filter> tested = new HashMap<>();
        route.exclusions().forEach(each -> tested.put(each.lane().id(), each.filter()));
        Set<LaneId> open = route.lanes().stream().map(Lane::id).collect(Collectors.toSet());
        List<ExcludedLane> excluded = new ArrayList<>();
        for (Lane lane : lanes.values()) {
            boolean alien = lane.id().type() != request.operation().type();
            Filter filter = alien ? Filter.TYPE : tested.get(lane.id());
            if (filter != null) {
                String because = filters.describe(filter, lane);
                excluded.add(new ExcludedLane(lane, filter.label(), because));
            } else if (!open.contains(lane.id())) {
                excluded.add(unasked(lane, request, route));
            }
        }
        return excluded;
    }

    private ExcludedLane unasked(Lane lane, InferenceRequest request, Route route) {
        AppliedPolicy applied = route.policy();
        if (applied != null) {
            return new ExcludedLane(
                    lane, "chain", "no link of policy %s".formatted(applied.policy().name()));
        }
        String asked = models.asked(request);
        return new ExcludedLane(
                lane,
                Filter.MODEL.label(),
                asked == null ? "not the default model" : "not asked for (%s)".formatted(asked));
    }

    /** As it is offered here; null: it is not. */
    @Nullable Lane lane(LaneId id) {
        return lanes.get(id);
    }

    PriceList prices() {
        return prices;
    }

    /** A policy's chain takes the place of models and their order; the filters stay. */
    private Route route(
            InferenceRequest request,
            Chosen.@Nullable Chain chain,
            List<RoutingSettings> before,
            LaneLatencies latencies) {
        Assignment assignment = assigner.assign(request.options());
        HardFilters filters = new HardFilters(request, assignment, settings, before);
        Ranking ranking = new Ranking(request, criteria(request, assignment, chain, latencies));
        List<Lane> lanes = new ArrayList<>();
        Route.Choice choice = null;
        List<Exclusion> exclusions = new ArrayList<>();
        List<List<Offer>> groups = chain == null ? models.of(request) : chain.groups();
        BitSet seen = new BitSet();
        boolean fallback = false;
        for (List<Offer> group : groups) {
            List<Offer> unseen = groups.size() == 1 ? group : unseen(group, seen);
            Ranking.Ordered ordered = ranking.order(eligible(unseen, filters, exclusions));
            if (lanes.isEmpty()) {
                choice = ranking.choice(ordered.rule(), fallback);
            }
            fallback = true;
            lanes.addAll(ordered.lanes());
        }
        return new Route(
                choice == null || lanes.isEmpty()
                        ? EmptyRoute.why(asked(request, chain), filters, exclusions)
                        : open(lanes, choice, chain, latencies),
                exclusions,
                filters.needs(),
                settled(assignment, lanes),
                limits(request.options().constraints(), chain),
                prices,
                under(before),
                chain == null ? null : chain.applied());
    }

    /** A chain's order is its own, but for lanes that are known to miss its target. */
    private static Route.Open open(
            List<Lane> lanes,
            Route.Choice choice,
            Chosen.@Nullable Chain chain,
            LaneLatencies latencies) {
        if (chain == null) {
            return new Route.Open(lanes, choice);
        }
        Duration target = chain.applied().policy().latency().targetP95();
        List<Lane> ordered =
                target == null
                        ? lanes
                        : lanes.stream()
                                .sorted(
                                        Comparator.comparing(
                                                lane -> misses(target, latencies.of(lane.id()))))
                                .toList();
        boolean moved = !ordered.getFirst().equals(lanes.getFirst());
        return new Route.Open(ordered, moved ? Route.Choice.TARGET_P95 : Route.Choice.CHAIN);
    }

    /** One of which too little is known misses nothing. */
    private static boolean misses(Duration target, LaneLatencies.@Nullable Quantiles known) {
        return known != null && known.p95().compareTo(target) > 0;
    }

    private Ranking.Criteria criteria(
            InferenceRequest request,
            @Nullable Assignment assignment,
            Chosen.@Nullable Chain chain,
            LaneLatencies latencies) {
        Intent intent = request.options().intent();
        Effort effort = intent.effort();
        CostGoal goal = intent.cost();
        if (assignment != null && assignment.applied()) {
            effort = effort == null ? assignment.effort() : effort;
            goal = goal == null ? assignment.cost() : goal;
        }
        return new Ranking.Criteria(
                advised(assignment),
                defaultProvider(request),
                effort == null || chain != null ? null : effort.quality(),
                chain == null ? order(goal) : Order.WEIGHT,
                prices,
                latencies,
                models.count());
    }

    /** By the deadline, the cheapest lane that is quick enough goes first anyway. */
    private Order order(@Nullable CostGoal goal) {
        return goal == CostGoal.MINIMIZE && settings.order() != Order.DEADLINE
                ? Order.COST
                : settings.order();
    }

    private List<RoutingSettings> under(List<RoutingSettings> before) {
        // Mostly; and to compare settings takes longer than to route.
        if (before.isEmpty()) {
            return List.of(settings);
        }
        return Stream.concat(before.stream(), Stream.of(settings)).distinct().toList();
    }

    private Route refused(InferenceRequest request, String message) {
        return new Route(
                new Route.DeadEnd(FailureCode.INVALID_REQUEST, message),
                List.of(),
                new HardFilters(request, null, settings, List.of()).needs(),
                null,
                limits(request.options().constraints(), null),
                prices,
                List.of(settings),
                null);
    }

    private EmptyRoute.Asked asked(InferenceRequest request, Chosen.@Nullable Chain chain) {
        return chain == null
                ? EmptyRoute.Asked.model(models.asked(request), lanes.keySet())
                : EmptyRoute.Asked.policy(chain.applied().policy());
    }

    private static List<Offer> unseen(List<Offer> group, BitSet seen) {
        List<Offer> unseen = new ArrayList<>(group.size());
        for (Offer offer : group) {
            if (!seen.get(offer.number())) {
                seen.set(offer.number());
                unseen.add(offer);
            }
        }
        return unseen;
    }

    private static List<Offer> eligible(
            List<Offer> offers, HardFilters filters, List<Exclusion> exclusions) {
        List<Offer> eligible = new ArrayList<>(offers.size());
        for (Offer offer : offers) {
            Filter filter = filters.excludes(offer);
            if (filter == null) {
                eligible.add(offer);
            } else {
                exclusions.add(filters.exclusion(offer.lane(), filter));
            }
        }
        return eligible;
    }

    private static @Nullable Tier advised(@Nullable Assignment assignment) {
        return assignment == null || assignment.forced() || !assignment.applied()
                ? null
                : assignment.tier();
    }

    /** It ranks first only where the request left both provider and model open. */
    private @Nullable String defaultProvider(InferenceRequest request) {
        boolean open =
                models.asked(request) == null && request.options().constraints().provider() == null;
        return open ? settings.defaultProvider() : null;
    }

    /** Advice applied only if the route has a lane that it could put first. */
    private static @Nullable Assignment settled(@Nullable Assignment assigned, List<Lane> lanes) {
        if (assigned == null || assigned.forced()) {
            return assigned;
        }
        boolean applied =
                assigned.applied()
                        && lanes.stream().anyMatch(lane -> lane.id().tier() == assigned.tier());
        return assigned.applied(applied);
    }

    private Route.Limits limits(
            RequestOptions.RoutingConstraints constraints, Chosen.@Nullable Chain chain) {
        boolean escalate =
                constraints.escalate() == null ? settings.escalate() : constraints.escalate();
        return new Route.Limits(
                escalate,
                chain == null ? settings.maxAttempts() : chain.applied().policy().maxAttempts(),
                settings.maxRefusals(),
                settings.contextHeadroom(),
                settings.whenBenched());
    }
}
