package dev.gantry.config;

import static dev.gantry.config.GantrySettings.sorted;

import dev.gantry.circuit.state.ScopeMembership;
import dev.gantry.inference.CallTarget;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.RoutingPolicy;
import dev.gantry.metering.Price;
import dev.gantry.metering.PriceList;
import dev.gantry.provider.Endpoint;
import dev.gantry.routing.CatalogueSnapshot;
import dev.gantry.routing.Lane;
import dev.gantry.routing.RoutingSettings;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What the configuration offers: every lane, where its instance is and what it costs.
 *
 * @param endpoints one per instance
 * @param prices of the lanes whose price is known in part at least
 * @param policies by name, of those the configuration has
 * @param members of each lane, to which account it belongs and what a 429 benches
 * @param hash the same on every worker with the same catalogue; free of secrets
 */
public record LaneCatalog(
        List<Lane> lanes,
        List<Endpoint> endpoints,
        PriceList prices,
        Map<String, RoutingPolicy> policies,
        List<ScopeMembership> members,
        String hash) {
    public LaneCatalog {
        lanes = List.copyOf(lanes);
        endpoints = List.copyOf(endpoints);
        policies = sorted(policies);
        members = List.copyOf(members);
    }

    /** What requests see of it. */
    public CatalogueSnapshot snapshot(RoutingSettings routing) {
        return CatalogueSnapshot.of(lanes, routing, policies, prices, hash);
    }

    /**
     * Of checked settings; looks whether key files hold something, and reads the price file.
     *
     * @throws WrongSettingsException if the price file cannot be used
     */
    public static LaneCatalog of(GantrySettings settings) {
        return of(settings, Set.of());
    }

    /**
     * The one that follows this one: an endpoint that stays as it is and had a key still has one,
     * though its file may be missing for a moment, since its calls keep the last key.
     *
     * @throws WrongSettingsException if the price file cannot be used
     */
    public LaneCatalog next(GantrySettings settings) {
        return of(
                settings,
                lanes.stream()
                        .filter(Lane::credentials)
                        .map(Lane::target)
                        .collect(Collectors.toSet()));
    }

    /** The same, as if every instance had its key: for those who only want to know. */
    public LaneCatalog assumingKeys() {
        return new LaneCatalog(
                lanes.stream().map(Lane::withCredentials).toList(),
                endpoints,
                prices,
                policies,
                members,
                hash);
    }

    private static LaneCatalog of(GantrySettings settings, Set<CallTarget> knownToHoldKeys) {
        LaneBuilder builder = new LaneBuilder(settings.routing().tierWeights(), knownToHoldKeys);
        settings.providers().forEach(builder::add);
        List<Lane> lanes = builder.lanes();
        List<Endpoint> endpoints = builder.endpoints();
        Map<LaneId, Price> own = builder.prices();
        PriceList file = PriceFile.of(settings.pricing().catalog(), lanes, endpoints, own.keySet());
        Map<String, RoutingPolicy> policies = new TreeMap<>();
        settings.policies().forEach((name, each) -> policies.put(name, each.policy(name)));
        String hash =
                CatalogHash.of(
                        lanes,
                        endpoints,
                        own,
                        file,
                        new CatalogHash.Rules(settings.routing(), policies));
        PriceList prices = PriceList.of(own, "config", hash).over(file);
        return new LaneCatalog(lanes, endpoints, prices, policies, builder.members(), hash);
    }
}
