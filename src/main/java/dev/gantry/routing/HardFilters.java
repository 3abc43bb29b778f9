package dev.gantry.routing;

import static java.util.Objects.requireNonNull;

import dev.gantry.dialect.DialectGaps;
import dev.gantry.inference.Allowance;
import dev.gantry.inference.Assignment;
import dev.gantry.inference.Capability;
import dev.gantry.inference.Dialect;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.Operation;
import dev.gantry.inference.RequestBody;
import dev.gantry.inference.RequestOptions;
import dev.gantry.inference.Tier;
import dev.gantry.operation.Operations;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What a lane must satisfy to serve one request: computed once, so that the first attempt passes
 * the same filters as every later one (routing rules, section 1.4).
 */
final class HardFilters {
    private final InferenceRequest request;
    private final RequestOptions.RoutingConstraints constraints;
    private final RequestBody.Facts facts;
    private final Set<Capability> needs;
    private final boolean forcedLocal;
    private final boolean strict;

    /** Whether no lane can be in the wrong place: what most requests come with. */
    private final boolean anywhere;

    private final double headroom;
    private final List<RoutingSettings> before;

    /** A chain's links may be of this model only; null: the chain decides, or there is none. */
    private final @Nullable String model;

    /** What the request asks that a form lacks, by its name; null until a lane has another form. */
    private @Nullable Map<String, List<String>> gaps;

    /**
     * @param before the settings of the request's earlier routes: they hold for every attempt
     */
    HardFilters(
            InferenceRequest request,
            @Nullable Assignment assignment,
            RoutingSettings settings,
            List<RoutingSettings> before) {
        this.request = request;
        constraints = request.options().constraints();
        facts = request.body().facts();
        needs = request.needs();
        forcedLocal = assignment != null && assignment.forced();
        strict = forcedLocal || "strict".equals(request.options().intent().privacy());
        headroom = settings.contextHeadroom();
        this.before = before;
        model = constraints.policy() == null ? null : insisted(constraints.model());
        anywhere =
                !strict
                        && model == null
                        && constraints.provider() == null
                        && constraints.instance() == null
                        && constraints.tier() == null;
    }

    private static @Nullable String insisted(@Nullable String name) {
        return name == null || name.isBlank() || name.strip().equals(ModelName.AUTO)
                ? null
                : name.strip();
    }

    Set<Capability> needs() {
        return needs;
    }

    /** The first filter that excludes the offer; null where none does. */
    @Nullable Filter excludes(Offer offer) {
        Lane lane = offer.lane();
        if (lane.id().type() != request.operation().type()) {
            return Filter.TYPE;
        }
        if (offer.closed() != null) {
            return offer.closed();
        }
        if (wasPrivate(lane)) {
            return Filter.PRIVACY;
        }
        Filter byPlace = anywhere ? null : byPlace(offer);
        if (byPlace != null) {
            return byPlace;
        }
        if (!needs.isEmpty() && !lane.capabilities().containsAll(needs)) {
            return Filter.CAPABILITIES;
        }
        if (!lacking(lane).isEmpty()) {
            return Filter.DIALECT;
        }
        if (closedToTopic(lane)) {
            return Filter.TOPIC;
        }
        if (offer.denied() || wasDenied(lane)) {
            return Filter.POLICY_DENIED;
        }
        return ContextGuard.fits(lane, facts, headroom) ? null : Filter.CONTEXT;
    }

    /** What is left out for a lane, by its configuration, it need not have a form for. */
    private List<String> lacking(Lane lane) {
        Dialect dialect = lane.target().dialect();
        if (dialect == Dialect.OPENAI && !request.operation().equals(Operations.RESPONSES)) {
            return List.of();
        }
        if (gaps == null) {
            gaps = new TreeMap<>();
        }
        Operation called = lane.called(request.operation());
        List<String> all =
                gaps.computeIfAbsent(form(lane), _ -> DialectGaps.in(dialect, called, request));
        return all.isEmpty() || lane.unsupportedParameters().isEmpty()
                ? all
                : all.stream()
                        .filter(each -> !lane.unsupportedParameters().contains(each))
                        .toList();
    }

    /** The dialect, or that it is a chat of OpenAI's which is to do for something else. */
    private String form(Lane lane) {
        Dialect dialect = lane.target().dialect();
        Operation called = lane.called(request.operation());
        return dialect == Dialect.OPENAI && !called.equals(request.operation())
                ? called.label()
                : dialect.label();
    }

    /** With what is lacking, where that is the reason. */
    Exclusion exclusion(Lane lane, Filter filter) {
        return filter == Filter.DIALECT
                ? new Exclusion(lane, filter, String.join(", ", lacking(lane)))
                : new Exclusion(lane, filter);
    }

    private boolean closedToTopic(Lane lane) {
        Allowance allowance = request.options().allowance();
        return allowance.boundsLanes()
                && !((allowance.tiers().isEmpty() || allowance.tiers().contains(lane.id().tier()))
                        && (allowance.models().isEmpty()
                                || allowance.models().stream().anyMatch(lane::matches)));
    }

    private boolean wasPrivate(Lane lane) {
        return !before.isEmpty() && before.stream().anyMatch(each -> Offer.isPrivate(lane, each));
    }

    private boolean wasDenied(Lane lane) {
        return !before.isEmpty() && before.stream().anyMatch(each -> Offer.denied(lane, each));
    }

    /** A forced tier replaces the caller's: it overrides, it does not contradict. */
    private @Nullable Filter byPlace(Offer offer) {
        LaneId lane = offer.lane().id();
        if (constraints.provider() != null && !constraints.provider().equals(lane.provider())) {
            return Filter.PROVIDER;
        }
        if (constraints.instance() != null && !constraints.instance().equals(lane.instance())) {
            return Filter.INSTANCE;
        }
        if (model != null && !offer.answersTo(model)) {
            return Filter.MODEL;
        }
        if (forcedLocal && lane.tier() != Tier.LOCAL) {
            return Filter.FORCED_TIER;
        }
        if (!forcedLocal && constraints.tier() != null && constraints.tier() != lane.tier()) {
            return Filter.TIER;
        }
        return strict && Offer.leavesTheHouse(lane.tier()) ? Filter.PRIVACY : null;
    }

    /** As {@link #describe(Filter)}, of one lane. */
    String describe(Filter filter, Lane lane) {
        return switch (filter) {
            case TYPE ->
                    "type (%s, the lane is %s)".formatted(wantedType(), lane.id().type().label());
            case DIALECT ->
                    "dialect (%s)".formatted(String.join("; ", told(form(lane), lacking(lane))));
            default -> describe(filter);
        };
    }

    /** The filter with what the request asks of it, for people. */
    String describe(Filter filter) {
        return switch (filter) {
            case TYPE -> "type (%s)".formatted(wantedType());
            case PROVIDER -> "provider (%s)".formatted(constraints.provider());
            case INSTANCE -> "instance (%s)".formatted(constraints.instance());
            case MODEL -> "model (%s)".formatted(model);
            case FORCED_TIER -> "forced_tier (local, by classification)";
            case TIER -> "tier (%s)".formatted(requireNonNull(constraints.tier()).label());
            case CAPABILITIES ->
                    "capabilities (%s)"
                            .formatted(
                                    needs.stream()
                                            .map(Capability::label)
                                            .collect(Collectors.joining(", ")));
            case DIALECT -> "dialect (%s)".formatted(String.join("; ", allGaps()));
            case CONTEXT ->
                    "context (about %d tokens in, %s out)"
                            .formatted(
                                    facts.longestInputTokens(),
                                    facts.requestedOutputTokens() == null
                                            ? "no limit set"
                                            : facts.requestedOutputTokens());
            case TOPIC -> {
                Allowance allowance = request.options().allowance();
                yield "topic (%s allows %s)".formatted(allowance.topic(), allowance.lanes());
            }
            case MISSING_CREDENTIALS -> "missing_credentials (the instance has no key)";
            case WEIGHT, PRIVACY, POLICY_DENIED -> filter.label();
        };
    }

    private String wantedType() {
        return "the request wants " + request.operation().type().label();
    }

    private List<String> told(String form, List<String> lacking) {
        return DialectGaps.told(request.operation(), form, lacking);
    }

    /** What is said of several dialects in the same words is said once. */
    private Set<String> allGaps() {
        Set<String> all = new LinkedHashSet<>();
        if (gaps != null) {
            gaps.forEach((form, each) -> all.addAll(told(form, each)));
        }
        return all;
    }
}
