package dev.gantry.routing;

import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.RequestOptions;
import dev.gantry.inference.Tier;
import dev.gantry.metering.PriceList;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
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
    private final Map<LaneId, Lane> lanes;

    /** Of lanes that have no price. */
    public Router(List<Lane> lanes, RoutingSettings settings) {
        this(lanes, settings, PriceList.NONE);
    }

    public Router(List<Lane> lanes, RoutingSettings settings, PriceList prices) {
        this.settings = settings;
        this.prices = prices;
        this.lanes =
                lanes.stream()
                        .collect(Collectors.toUnmodifiableMap(Lane::id, each -> each, (a, _) -> a));
        assigner = new TierAssigner(settings);
        models = new ModelOrder(new LaneIndex(lanes, settings), settings);
    }

    /** Pure: the same request and catalogue give the same route on every worker. */
    public Route route(InferenceRequest request) {
        return route(request, List.of());
    }

    /** Of a request that has begun: what its settings closed then is not open to it now. */
    Route reroute(InferenceRequest request, Route before) {
        return route(request, before.under());
    }

    /** As it is offered here; null: it is not. */
    @Nullable Lane lane(LaneId id) {
        return lanes.get(id);
    }

    PriceList prices() {
        return prices;
    }

    private Route route(InferenceRequest request, List<RoutingSettings> before) {
        Assignment assignment = assigner.assign(request.options());
        HardFilters filters = new HardFilters(request, assignment, settings, before);
        Ranking ranking = new Ranking(request, advised(assignment), defaultProvider(request));
        List<Lane> lanes = new ArrayList<>();
        List<Exclusion> exclusions = new ArrayList<>();
        BitSet seen = new BitSet();
        for (List<Offer> model : models.of(request)) {
            List<Offer> unseen = unseen(model, seen);
            lanes.addAll(ranking.order(eligible(unseen, filters, exclusions)));
        }
        return new Route(
                lanes.isEmpty()
                        ? EmptyRoute.why(models.asked(request), filters, exclusions)
                        : new Route.Open(lanes),
                exclusions,
                filters.needs(),
                settled(assignment, lanes),
                limits(request.options().constraints()),
                prices,
                under(before));
    }

    private List<RoutingSettings> under(List<RoutingSettings> before) {
        return Stream.concat(before.stream(), Stream.of(settings)).distinct().toList();
    }

    private static List<Offer> unseen(List<Offer> model, BitSet seen) {
        List<Offer> unseen = new ArrayList<>(model.size());
        for (Offer offer : model) {
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
                exclusions.add(new Exclusion(offer.lane(), filter));
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
        return new Assignment(assigned.tier(), assigned.source(), applied);
    }

    private Route.Limits limits(RequestOptions.RoutingConstraints constraints) {
        boolean escalate =
                constraints.escalate() == null ? settings.escalate() : constraints.escalate();
        return new Route.Limits(
                escalate,
                settings.maxAttempts(),
                settings.maxRefusals(),
                settings.contextHeadroom(),
                settings.whenBenched());
    }
}
