package dev.gantry.config.catalog;

import static dev.gantry.config.GantrySettings.sorted;

import static java.util.Objects.requireNonNull;

import dev.gantry.circuit.state.ScopeMembership;
import dev.gantry.config.GantrySettings;
import dev.gantry.config.PolicySettings;
import dev.gantry.config.ProviderSettings;
import dev.gantry.config.WrongSettingsException;
import dev.gantry.discovery.ListedModel;
import dev.gantry.discovery.ModelDiscovery.Watched;
import dev.gantry.inference.CallTarget;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.RoutingPolicy;
import dev.gantry.limit.ConfiguredLimits;
import dev.gantry.limit.LimitScope;
import dev.gantry.metering.Price;
import dev.gantry.metering.PriceCatalog;
import dev.gantry.metering.PriceList;
import dev.gantry.provider.Endpoint;
import dev.gantry.routing.CatalogueSnapshot;
import dev.gantry.routing.Glob;
import dev.gantry.routing.Lane;
import dev.gantry.routing.RoutingSettings;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What the configuration offers, and of discovering providers what they list: every lane, where its
 * instance is and what it costs.
 *
 * @param endpoints one per instance
 * @param prices of the lanes whose price is known in part at least
 * @param policies by name, of those the configuration has
 * @param members of each lane, to which account it belongs and what a 429 benches
 * @param limits that the configuration sets, of instances and of lanes; a scope without any is not
 *     there
 * @param hash the same on every worker with the same configuration, whatever its instances list;
 *     free of secrets
 * @param basis what it was made of
 */
public record LaneCatalog(
        List<Lane> lanes,
        List<Endpoint> endpoints,
        PriceList prices,
        Map<String, RoutingPolicy> policies,
        List<ScopeMembership> members,
        Map<LimitScope, ConfiguredLimits> limits,
        String hash,
        Basis basis) {
    public LaneCatalog {
        lanes = List.copyOf(lanes);
        endpoints = List.copyOf(endpoints);
        policies = sorted(policies);
        members = List.copyOf(members);
        limits = Map.copyOf(limits);
    }

    /**
     * What a catalogue is made of: settings that may change while the worker runs, and what
     * instances list.
     *
     * @param prices null: there is no price file
     * @param listed by the instances' ids; one that has not listed anything yet is not there
     */
    record Basis(
            Map<String, ProviderSettings> providers,
            RoutingSettings routing,
            Map<String, PolicySettings> policies,
            @Nullable PriceFile prices,
            Map<String, List<ListedModel>> listed) {
        Basis {
            listed = sorted(listed);
        }

        static Basis of(GantrySettings settings, Map<String, List<ListedModel>> listed) {
            return new Basis(
                    settings.providers(),
                    settings.routing(),
                    settings.policies(),
                    PriceFile.read(settings.pricing().catalog()),
                    listed);
        }

        Basis listing(Map<String, List<ListedModel>> now) {
            return new Basis(providers, routing, policies, prices, now);
        }
    }

    /** What requests see of it. */
    public CatalogueSnapshot snapshot() {
        return CatalogueSnapshot.of(lanes, basis.routing(), policies, prices, hash);
    }

    /**
     * Of checked settings; looks whether key files hold something, and reads the price file.
     *
     * @throws WrongSettingsException if the price file cannot be used
     */
    public static LaneCatalog of(GantrySettings settings) {
        return of(Basis.of(settings, Map.of()), Set.of());
    }

    /**
     * The same where nobody asks what instances list: as if they listed the models that the
     * configuration names.
     *
     * @throws WrongSettingsException if the price file cannot be used
     */
    public static LaneCatalog assumingLists(GantrySettings settings) {
        Map<String, List<ListedModel>> named = new TreeMap<>();
        settings.providers()
                .forEach(
                        (name, provider) ->
                                provider.instances()
                                        .keySet()
                                        .forEach(
                                                instance ->
                                                        named.put(
                                                                name + ":" + instance,
                                                                named(provider))));
        return of(Basis.of(settings, named), Set.of());
    }

    private static List<ListedModel> named(ProviderSettings provider) {
        return provider.models().stream()
                .map(each -> String.valueOf(each.id()))
                .filter(id -> !Glob.isPattern(id))
                .distinct()
                .map(ListedModel::of)
                .toList();
    }

    /**
     * The one that follows this one: an endpoint that stays as it is and had a key still has one,
     * though its file may be missing for a moment, since its calls keep the last key; and instances
     * list what they have listed.
     *
     * @throws WrongSettingsException if the price file cannot be used
     */
    public LaneCatalog next(GantrySettings settings) {
        return of(Basis.of(settings, basis.listed()), knownToHoldKeys());
    }

    /**
     * The one that follows this one where instances list something else.
     *
     * @param listed by the instances' ids
     */
    public LaneCatalog listing(Map<String, List<ListedModel>> listed) {
        return listed.equals(basis.listed()) ? this : of(basis.listing(listed), knownToHoldKeys());
    }

    /** This one, where instances list what they do in the other. */
    public LaneCatalog listing(LaneCatalog other) {
        return listing(other.basis.listed());
    }

    /**
     * This one, where instances list what workers have lanes for.
     *
     * @param models by the instances' ids; the lists of others stay
     */
    public LaneCatalog asRecorded(Map<String, List<String>> models) {
        Map<String, List<ListedModel>> listed = new TreeMap<>(basis.listed());
        models.forEach(
                (instance, ids) ->
                        listed.put(
                                instance, ids.stream().distinct().map(ListedModel::of).toList()));
        return listing(listed);
    }

    /** Whether both are of the same settings, whatever instances list. */
    public boolean sameSettings(LaneCatalog other) {
        return basis.listing(Map.of()).equals(other.basis.listing(Map.of()));
    }

    /** The instances whose models are to be asked for. */
    public List<Watched> discovering() {
        return endpoints.stream()
                .filter(each -> provider(each).discover())
                .map(each -> new Watched(each, provider(each).discoverEvery()))
                .toList();
    }

    /** Providers whose lanes whoever asks none of them does not know all of. */
    public List<String> discoveringProviders() {
        return discovering().stream().map(each -> each.endpoint().provider()).distinct().toList();
    }

    private ProviderSettings provider(Endpoint endpoint) {
        return requireNonNull(basis.providers().get(endpoint.provider()));
    }

    private Set<CallTarget> knownToHoldKeys() {
        return lanes.stream()
                .filter(Lane::credentials)
                .map(Lane::target)
                .collect(Collectors.toSet());
    }

    /** The same, as if every instance had its key: for those who only want to know. */
    public LaneCatalog assumingKeys() {
        return new LaneCatalog(
                lanes.stream().map(Lane::withCredentials).toList(),
                endpoints,
                prices,
                policies,
                members,
                limits,
                hash,
                basis);
    }

    private static LaneCatalog of(Basis basis, Set<CallTarget> knownToHoldKeys) {
        PriceFile file = basis.prices();
        PriceCatalog known = file == null ? null : file.parsed();
        LaneBuilder builder =
                new LaneBuilder(
                        basis.routing().tierWeights(), knownToHoldKeys, basis.listed(), known);
        basis.providers().forEach(builder::add);
        List<Lane> lanes = builder.lanes();
        List<Endpoint> endpoints = builder.endpoints();
        Map<LaneId, Price> own = builder.prices();
        PriceList fromFile =
                file == null || known == null
                        ? PriceList.NONE
                        : file.prices(known, lanes, endpoints, own.keySet());
        Map<String, RoutingPolicy> policies = new TreeMap<>();
        basis.policies().forEach((name, each) -> policies.put(name, each.policy(name)));
        String hash =
                CatalogHash.of(
                        lanes,
                        endpoints,
                        own,
                        fromFile,
                        new CatalogHash.Rules(
                                basis.routing(), policies, discovery(basis, known), limits(basis)));
        PriceList prices = PriceList.of(own, "config", hash).over(fromFile);
        return new LaneCatalog(
                lanes,
                endpoints,
                prices,
                policies,
                builder.members(),
                builder.limits(),
                hash,
                basis);
    }

    /** What decides on lanes that are not there yet. */
    private static List<Object> discovery(Basis basis, @Nullable PriceCatalog file) {
        List<Object> rules = new ArrayList<>();
        basis.providers()
                .forEach(
                        (name, provider) -> {
                            if (provider.discover()) {
                                rules.add(name);
                                provider.models().forEach(each -> rules.add(unlimited(each)));
                                rules.add(file == null ? "" : file.version());
                            }
                        });
        return rules;
    }

    /** As releases hash it that run beside this one and know of no limits. */
    private static String unlimited(ProviderSettings.Model model) {
        return model.toString().replace(", limits=" + model.limits(), "");
    }

    /** By the place where they are written: those of models that are listed later among them. */
    private static Map<String, Object> limits(Basis basis) {
        Map<String, Object> all = new TreeMap<>();
        basis.providers()
                .forEach(
                        (name, provider) -> {
                            provider.instances()
                                    .forEach((at, each) -> all.put(name + ":" + at, each.limits()));
                            for (int rank = 0; rank < provider.models().size(); rank++) {
                                all.put(name + "#" + rank, provider.models().get(rank).limits());
                            }
                        });
        all.values().removeIf(ProviderSettings.Limits.NONE::equals);
        return all;
    }
}
