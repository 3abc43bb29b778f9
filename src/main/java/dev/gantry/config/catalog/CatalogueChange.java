package dev.gantry.config.catalog;

import dev.gantry.inference.LaneId;
import dev.gantry.limit.ConfiguredLimits;
import dev.gantry.limit.LimitScope;
import dev.gantry.metering.Quote;
import dev.gantry.routing.Lane;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What one catalogue has otherwise than another, in the order of the configuration.
 *
 * @param changed lanes that both have, with other settings, another address, credential, price or
 *     limit
 */
public record CatalogueChange(List<LaneId> added, List<LaneId> removed, List<LaneId> changed) {
    public CatalogueChange {
        added = List.copyOf(added);
        removed = List.copyOf(removed);
        changed = List.copyOf(changed);
    }

    /** Pure. */
    public static CatalogueChange between(LaneCatalog before, LaneCatalog now) {
        Map<LaneId, Offered> old = offered(before);
        Map<LaneId, Offered> fresh = offered(now);
        return new CatalogueChange(
                ids(now).filter(id -> !old.containsKey(id)).toList(),
                ids(before).filter(id -> !fresh.containsKey(id)).toList(),
                ids(now).filter(old::containsKey)
                        .filter(id -> !Objects.equals(old.get(id), fresh.get(id)))
                        .toList());
    }

    /** Without the price's version, which is that of the whole catalogue. */
    private record Offered(Lane lane, List<?> price, List<?> membership, List<?> limits) {}

    private static Stream<LaneId> ids(LaneCatalog catalog) {
        return catalog.lanes().stream().map(Lane::id);
    }

    private static Map<LaneId, Offered> offered(LaneCatalog catalog) {
        Map<LaneId, List<?>> members =
                catalog.members().stream().collect(Collectors.toMap(each -> each.lane(), List::of));
        return catalog.lanes().stream()
                .collect(
                        Collectors.toMap(
                                Lane::id,
                                lane ->
                                        new Offered(
                                                lane,
                                                price(catalog, lane),
                                                members.getOrDefault(lane.id(), List.of()),
                                                limits(catalog, lane.id()))));
    }

    private static List<ConfiguredLimits> limits(LaneCatalog catalog, LaneId lane) {
        return Stream.of(LimitScope.ofInstance(lane), LimitScope.ofLane(lane))
                .map(scope -> catalog.limits().getOrDefault(scope, ConfiguredLimits.NONE))
                .toList();
    }

    private static List<?> price(LaneCatalog catalog, Lane lane) {
        return catalog.prices().quote(lane.id()).map(Quote::price).stream().toList();
    }
}
