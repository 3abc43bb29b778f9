package dev.gantry.routing;

import dev.gantry.inference.RoutingPolicy;
import dev.gantry.metering.PriceList;

import java.util.List;
import java.util.Map;

/**
 * One state of what is offered, as a request finds it when its work begins. A value: another state
 * is another snapshot.
 *
 * @param lanes in the configuration's order
 * @param version the same on every worker with the same catalogue; free of secrets
 */
public record CatalogueSnapshot(List<Lane> lanes, Router router, String version) {
    public CatalogueSnapshot {
        lanes = List.copyOf(lanes);
    }

    /** Without policies. */
    public static CatalogueSnapshot of(
            List<Lane> lanes, RoutingSettings settings, PriceList prices, String version) {
        return of(lanes, settings, Map.of(), prices, version);
    }

    public static CatalogueSnapshot of(
            List<Lane> lanes,
            RoutingSettings settings,
            Map<String, RoutingPolicy> policies,
            PriceList prices,
            String version) {
        return new CatalogueSnapshot(lanes, new Router(lanes, settings, policies, prices), version);
    }
}
