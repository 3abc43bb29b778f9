package dev.gantry.routing;

import dev.gantry.inference.Tier;

import org.jspecify.annotations.Nullable;

import java.util.Set;

/**
 * A lane with what can be worked out once, when the catalogue is read.
 *
 * @param number its place among the offers, heaviest first
 * @param model canonical
 * @param names by which requests may mean it, canonical
 * @param modelNumber the same for all offers of the model, counted from 0
 * @param closed what keeps the lane out of every route, apart from policy
 * @param denied whether policy keeps the lane out of every route
 */
record Offer(
        int number,
        Lane lane,
        String model,
        Set<String> names,
        int modelNumber,
        long hash,
        @Nullable Filter closed,
        boolean denied) {
    static Offer of(int number, Lane lane, int modelNumber, RoutingSettings settings) {
        return new Offer(
                number,
                lane,
                lane.canonicalModel(),
                lane.names(),
                modelNumber,
                Rendezvous.hash(lane.id().value()),
                closed(lane, settings),
                denied(lane, settings));
    }

    /** Whether a request that names this model may mean the lane. */
    boolean answersTo(String name) {
        return names.contains(ModelName.canonical(name));
    }

    /** Cloud and frontier: what strict privacy closes. */
    static boolean leavesTheHouse(Tier tier) {
        return tier == Tier.CLOUD || tier == Tier.FRONTIER;
    }

    private static @Nullable Filter closed(Lane lane, RoutingSettings settings) {
        if (!lane.credentials()) {
            return Filter.MISSING_CREDENTIALS;
        }
        if (lane.weight() <= 0) {
            return Filter.WEIGHT;
        }
        return isPrivate(lane, settings) ? Filter.PRIVACY : null;
    }

    /** Whether privacy keeps everybody from the lane. */
    static boolean isPrivate(Lane lane, RoutingSettings settings) {
        return settings.enterprisePrivacy() && leavesTheHouse(lane.id().tier());
    }

    static boolean denied(Lane lane, RoutingSettings settings) {
        return lane.lists().deny(lane)
                || new ModelLists(settings.allowedModels(), settings.deniedModels()).deny(lane);
    }
}
