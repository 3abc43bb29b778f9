package dev.gantry.routing;

import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.RequestOptions;
import dev.gantry.inference.Tier;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The order of lanes within a model, for one request (routing rules, section 1.7). */
final class Ranking {
    private final RequestOptions.Preference prefer;
    private final @Nullable Tier advised;
    private final @Nullable String defaultProvider;
    private final long request;

    /**
     * @param advised the tier whose lanes go first; null where no advice applies
     * @param defaultProvider goes first where the request names neither model nor provider
     */
    Ranking(InferenceRequest request, @Nullable Tier advised, @Nullable String defaultProvider) {
        prefer = request.options().prefer();
        this.advised = advised;
        this.defaultProvider = defaultProvider;
        this.request = Rendezvous.hash(request.id().value());
    }

    /** Best first; a model's offers stay together, at the place of its best one. */
    List<Lane> order(List<Offer> offers) {
        if (offers.size() == 1) {
            return List.of(offers.getFirst().lane());
        }
        List<Ranked> ranked = new ArrayList<>(offers.size());
        for (Offer offer : offers) {
            LaneId id = offer.lane().id();
            ranked.add(
                    new Ranked(
                            offer,
                            preference(id),
                            offer.lane().weight(),
                            Rendezvous.score(request, offer.hash())));
        }
        ranked.sort(Ranked::before);
        return together(ranked);
    }

    private static List<Lane> together(List<Ranked> ranked) {
        List<Lane> lanes = new ArrayList<>(ranked.size());
        if (ofOneModel(ranked)) {
            for (Ranked each : ranked) {
                lanes.add(each.offer().lane());
            }
            return lanes;
        }
        Map<String, List<Lane>> byModel = new LinkedHashMap<>();
        for (Ranked each : ranked) {
            byModel.computeIfAbsent(each.offer().model(), _ -> new ArrayList<>())
                    .add(each.offer().lane());
        }
        byModel.values().forEach(lanes::addAll);
        return lanes;
    }

    private static boolean ofOneModel(List<Ranked> ranked) {
        for (Ranked each : ranked) {
            if (!each.offer().model().equals(ranked.getFirst().offer().model())) {
                return false;
            }
        }
        return true;
    }

    /** What the caller prefers outranks what was advised, and that outranks a default. */
    private int preference(LaneId lane) {
        int wanted = 0;
        wanted += lane.provider().equals(prefer.provider()) ? 4 : 0;
        wanted += lane.instance().equals(prefer.instance()) ? 4 : 0;
        wanted += lane.tier() == prefer.tier() ? 4 : 0;
        wanted += lane.tier() == advised ? 2 : 0;
        return wanted + (lane.provider().equals(defaultProvider) ? 1 : 0);
    }

    /** Without a comparator's boxes: this runs for every lane of every request. */
    private record Ranked(Offer offer, int preference, double weight, long score) {
        static int before(Ranked one, Ranked other) {
            int order = Integer.compare(other.preference, one.preference);
            order = order == 0 ? Double.compare(other.weight, one.weight) : order;
            order = order == 0 ? Long.compare(other.score, one.score) : order;
            return order == 0
                    ? one.offer.lane().id().value().compareTo(other.offer.lane().id().value())
                    : order;
        }
    }
}
