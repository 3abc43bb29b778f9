package dev.gantry.config.catalog;

import static java.util.Objects.requireNonNull;

import dev.gantry.circuit.state.ScopeMembership;
import dev.gantry.config.Amount;
import dev.gantry.config.AuthStyle;
import dev.gantry.config.ProviderSettings;
import dev.gantry.discovery.ListedModel;
import dev.gantry.inference.CallTarget;
import dev.gantry.inference.Capability;
import dev.gantry.inference.Dialect;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.Tier;
import dev.gantry.limit.ConfiguredLimits;
import dev.gantry.limit.LimitScope;
import dev.gantry.metering.Price;
import dev.gantry.metering.PriceCatalog;
import dev.gantry.provider.Endpoint;
import dev.gantry.routing.Lane;
import dev.gantry.routing.ModelLists;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Makes lanes and endpoints of checked providers, one provider after the other. */
final class LaneBuilder {
    private final Map<Tier, Integer> tierWeights;
    private final Set<CallTarget> knownToHoldKeys;
    private final Map<String, List<ListedModel>> listed;
    private final @Nullable PriceCatalog file;
    private final List<Lane> lanes = new ArrayList<>();
    private final List<ScopeMembership> members = new ArrayList<>();
    private final List<Endpoint> endpoints = new ArrayList<>();
    private final Map<LaneId, Price> prices = new LinkedHashMap<>();
    private final Map<LimitScope, ConfiguredLimits> limits = new LinkedHashMap<>();

    /**
     * @param knownToHoldKeys endpoints whose last key is known: a file that is renewed at this
     *     moment, or lost, does not take their lanes away
     * @param listed what instances list, by their ids
     * @param file null: there is no price file
     */
    LaneBuilder(
            Map<Tier, Integer> tierWeights,
            Set<CallTarget> knownToHoldKeys,
            Map<String, List<ListedModel>> listed,
            @Nullable PriceCatalog file) {
        this.tierWeights = tierWeights;
        this.knownToHoldKeys = knownToHoldKeys;
        this.listed = listed;
        this.file = file;
    }

    void add(String name, ProviderSettings provider) {
        provider.instances()
                .forEach(
                        (instanceName, instance) -> {
                            Endpoint endpoint = endpoint(name, provider, instanceName, instance);
                            endpoints.add(endpoint);
                            lanesOf(provider, instance, endpoint);
                        });
    }

    List<Lane> lanes() {
        return lanes;
    }

    List<ScopeMembership> members() {
        return members;
    }

    List<Endpoint> endpoints() {
        return endpoints;
    }

    Map<LaneId, Price> prices() {
        return prices;
    }

    /** Of the scopes that have any. */
    Map<LimitScope, ConfiguredLimits> limits() {
        return limits;
    }

    private static Endpoint endpoint(
            String name,
            ProviderSettings provider,
            String instanceName,
            ProviderSettings.Instance instance) {
        String vendor = provider.vendor();
        String file = instance.apiKeyFile();
        String proxy = provider.proxy();
        return new Endpoint(
                name,
                instanceName,
                provider.dialect(),
                vendor == null ? usualVendor(name, provider.dialect()) : vendor,
                URI.create(withoutSlash(requireNonNull(instance.baseUrl()).strip())),
                AuthStyle.of(provider).orElseThrow(),
                instance.apiKey().isEmpty() ? null : instance.apiKey().value().strip(),
                file == null ? null : Path.of(file),
                headers(instance),
                provider.timeout(),
                provider.connectTimeout(),
                provider.stallTimeout(),
                propagatesTrace(provider),
                provider.sslBundle(),
                proxy == null ? null : URI.create(proxy.strip()));
    }

    private static String usualVendor(String name, Dialect dialect) {
        return dialect == Dialect.OPENAI ? name : dialect.label();
    }

    private void lanesOf(
            ProviderSettings provider, ProviderSettings.Instance instance, Endpoint endpoint) {
        boolean credentials = hasCredentials(endpoint);
        for (OfferedModels.Offered offered : offered(provider, instance, endpoint)) {
            ProviderSettings.Model model = offered.model();
            Tier tier = requireNonNull(provider.tier());
            LaneId lane =
                    new LaneId(
                            tier,
                            endpoint.provider(),
                            endpoint.instance(),
                            model.type(),
                            requireNonNull(model.id()));
            double weight =
                    (double) tierWeights.getOrDefault(tier, 100)
                            * provider.weight()
                            * instance.weight()
                            * model.weight();
            members.add(member(lane, provider, instance));
            limit(LimitScope.ofInstance(lane), instance.limits());
            limit(LimitScope.ofLane(lane), model.limits());
            lanes.add(lane(lane, offered, weight, endpoint, credentials, provider));
            price(model.price()).ifPresent(price -> prices.put(lane, price));
        }
    }

    private void limit(LimitScope scope, ProviderSettings.Limits configured) {
        if (!configured.equals(ProviderSettings.Limits.NONE)) {
            limits.put(
                    scope,
                    new ConfiguredLimits(
                            configured.requestsPerMinute(),
                            configured.tokensPerMinute(),
                            configured.maxConcurrent()));
        }
    }

    private List<OfferedModels.Offered> offered(
            ProviderSettings provider, ProviderSettings.Instance instance, Endpoint endpoint) {
        List<String> names = List.of(endpoint.vendor(), endpoint.provider());
        OfferedModels models =
                new OfferedModels(
                        provider,
                        instance,
                        model -> file == null ? null : file.facts(names, model));
        return provider.discover()
                ? models.listed(listed.getOrDefault(endpoint.id(), List.of()))
                : models.configured();
    }

    /** Without a configured account an instance is an account of its own. */
    private static ScopeMembership member(
            LaneId lane, ProviderSettings provider, ProviderSettings.Instance instance) {
        String account = instance.account();
        return new ScopeMembership(
                lane,
                account == null ? lane.provider() + ":" + lane.instance() : account,
                provider.quotaScope(),
                instance.apiKeyFile() == null
                        ? ScopeMembership.KeySource.CONFIGURED
                        : ScopeMembership.KeySource.FILE);
    }

    private static Lane lane(
            LaneId id,
            OfferedModels.Offered offered,
            double weight,
            Endpoint endpoint,
            boolean credentials,
            ProviderSettings provider) {
        ProviderSettings.Model model = offered.model();
        return new Lane(
                id,
                model.aliases(),
                model.contextWindow(),
                model.maxOutputTokens(),
                model.maxTokensField(),
                new LinkedHashSet<>(model.unsupportedParams()),
                model.capabilities().stream()
                        .flatMap(each -> Capability.of(each).stream())
                        .collect(Collectors.toSet()),
                model.quality(),
                weight,
                offered.rank(),
                endpoint.timeout(),
                credentials,
                new ModelLists(provider.allowedModels(), provider.deniedModels()),
                provider.discover(),
                endpoint);
    }

    private static Optional<Price> price(ProviderSettings.Prices prices) {
        Price price =
                Price.of(
                        Amount.of(prices.input()),
                        Amount.of(prices.cachedInput()),
                        Amount.of(prices.cacheWrite()),
                        Amount.of(prices.output()));
        return price.equals(Price.of(null, null, null, null))
                ? Optional.empty()
                : Optional.of(price);
    }

    private static Map<String, String> headers(ProviderSettings.Instance instance) {
        return instance.headers().entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, each -> each.getValue().value()));
    }

    /** Trace ids leave the house only on request. */
    private static boolean propagatesTrace(ProviderSettings provider) {
        Boolean set = provider.propagateTrace();
        return set != null
                ? set
                : switch (requireNonNull(provider.tier())) {
                    case LOCAL, DIRECT, FLEET -> true;
                    case CLOUD, FRONTIER -> false;
                };
    }

    private boolean hasCredentials(Endpoint endpoint) {
        return endpoint.auth() instanceof Endpoint.Auth.None
                || endpoint.apiKey() != null
                || knownToHoldKeys.contains(endpoint)
                || holdsSomething(endpoint.apiKeyFile());
    }

    /** A file that cannot be read gives no key: its lanes are excluded, and the start says so. */
    static boolean holdsSomething(@Nullable Path file) {
        try {
            return file != null && !Files.readString(file).isBlank();
        } catch (IOException e) {
            return false;
        }
    }

    private static String withoutSlash(String url) {
        return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    }
}
