package dev.gantry.routing;

import dev.gantry.inference.ModelType;
import dev.gantry.inference.RoutingPolicy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The catalogue's offers by every name that a request may use, each list heaviest first; built
 * once, never changed.
 */
final class LaneIndex {
    /** Without regard to the order of the configuration: every worker has the same. */
    private static final Comparator<Lane> HEAVIEST_FIRST =
            Comparator.comparingDouble(Lane::weight)
                    .reversed()
                    .thenComparing(each -> each.id().value());

    private final Map<String, List<Offer>> byName;
    private final Map<String, List<Offer>> byProvider;
    private final Map<ModelType, List<Offer>> byType;
    private final int modelCount;

    LaneIndex(List<Lane> lanes, RoutingSettings settings) {
        List<Offer> offers = new ArrayList<>(lanes.size());
        Map<String, Integer> models = new HashMap<>();
        for (Lane lane : lanes.stream().sorted(HEAVIEST_FIRST).toList()) {
            int next = models.size();
            int model = models.computeIfAbsent(lane.canonicalModel(), _ -> next);
            offers.add(Offer.of(offers.size(), lane, model, settings));
        }
        modelCount = models.size();
        byType = offers.stream().collect(Collectors.groupingBy(each -> each.lane().id().type()));
        byProvider =
                offers.stream().collect(Collectors.groupingBy(each -> each.lane().id().provider()));
        byName = new HashMap<>();
        for (Offer offer : offers) {
            for (String name : offer.names()) {
                byName.computeIfAbsent(name, _ -> new ArrayList<>()).add(offer);
            }
        }
    }

    /** How many models there are, by their canonical names. */
    int modelCount() {
        return modelCount;
    }

    /** Every offer that answers to the name, whatever its type. */
    List<Offer> named(String name) {
        return byName.getOrDefault(ModelName.canonical(name), List.of());
    }

    List<Offer> all(ModelType type) {
        return byType.getOrDefault(type, List.of());
    }

    List<Offer> ofProvider(String provider) {
        return byProvider.getOrDefault(provider, List.of());
    }

    /** What a policy's link means: a model's own id goes before whatever else answers to it. */
    List<Offer> linked(RoutingPolicy.Link link) {
        List<Offer> answering =
                named(link.model()).stream()
                        .filter(each -> each.lane().id().provider().equals(link.provider()))
                        .filter(
                                each ->
                                        link.instance() == null
                                                || each.lane()
                                                        .id()
                                                        .instance()
                                                        .equals(link.instance()))
                        .toList();
        List<Offer> exact =
                answering.stream()
                        .filter(each -> each.lane().id().model().equals(link.model()))
                        .toList();
        return exact.isEmpty() ? answering : exact;
    }

    /** The offers of the first model among these: their default. */
    static List<Offer> firstModel(List<Offer> offers) {
        Optional<String> model =
                offers.stream()
                        .min(Comparator.comparingInt(each -> each.lane().modelRank()))
                        .map(Offer::model);
        return model.map(name -> offers.stream().filter(each -> each.model().equals(name)).toList())
                .orElse(List.of());
    }
}
