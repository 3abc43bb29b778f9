package dev.gantry.routing;

import dev.gantry.inference.EditDistance;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.RoutingPolicy;
import dev.gantry.routing.Route.DeadEnd;

import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Says why a request has no lane at all. */
final class EmptyRoute {
    private static final int NAME_LIMIT = 200;
    private static final int COMPARED = 64;
    private static final int LINKS_NAMED = 3;
    private static final int NAMED = 8;

    private EmptyRoute() {}

    /**
     * What the request asked for.
     *
     * @param shown how messages name it
     * @param unoffered what to say where no lane offers it
     */
    record Asked(String shown, String unoffered) {
        /**
         * A model, by what the request calls it.
         *
         * @param name null: it names none
         * @param offered the lanes there are
         */
        static Asked model(@Nullable String name, Collection<LaneId> offered) {
            return name == null
                    ? new Asked(
                            "the request", "no model is named, and no default model offers a lane")
                    : new Asked(
                            "model " + shorten(name),
                            "no lane offers model %s or a fallback of it; %s"
                                    .formatted(shorten(name), nearest(name, offered)));
        }

        /** The models there are, those first that are written most alike. */
        private static String nearest(String name, Collection<LaneId> offered) {
            // Once for each: there may be a thousand, and requests in masses that name none.
            Map<String, Integer> distances = new HashMap<>();
            for (LaneId lane : offered) {
                distances.computeIfAbsent(
                        lane.model(), each -> EditDistance.between(head(name), head(each)));
            }
            List<String> models =
                    distances.keySet().stream()
                            .sorted(
                                    Comparator.<String>comparingInt(distances::get)
                                            .thenComparing(Comparator.naturalOrder()))
                            .toList();
            return models.isEmpty() ? "there is no lane" : "there are " + listed(models);
        }

        static Asked policy(RoutingPolicy policy) {
            String shown = "policy " + shorten(policy.name());
            String links =
                    policy.chain().stream()
                            .limit(LINKS_NAMED)
                            .map(Asked::link)
                            .collect(Collectors.joining(", "));
            return new Asked(
                    shown,
                    "no lane offers a link of %s: %s%s"
                            .formatted(
                                    shown,
                                    links,
                                    policy.chain().size() > LINKS_NAMED ? ", …" : ""));
        }

        private static String link(RoutingPolicy.Link link) {
            return shorten(
                    "%s:%s%s"
                            .formatted(
                                    link.provider(),
                                    link.model(),
                                    link.instance() == null ? "" : " at " + link.instance()));
        }
    }

    /**
     * Context and policy are tested last: where one of them excludes a lane, the lane was eligible
     * otherwise, and that is the end's name. A lane that policy allows but that is too small shows
     * that policy was not what stood in the way.
     */
    static DeadEnd why(Asked asked, HardFilters filters, List<Exclusion> exclusions) {
        if (exclusions.isEmpty()) {
            return new DeadEnd(FailureCode.NO_LANE_AVAILABLE, asked.unoffered());
        }
        Map<Filter, Integer> counts = new EnumMap<>(Filter.class);
        exclusions.forEach(each -> counts.merge(each.filter(), 1, Integer::sum));
        String message =
                "no lane is open to %s: %s"
                        .formatted(
                                asked.shown(),
                                counts.entrySet().stream()
                                        .map(
                                                each ->
                                                        excluded(each, filters)
                                                                + instead(
                                                                        each.getKey(), exclusions))
                                        .collect(Collectors.joining("; ")));
        return new DeadEnd(code(counts), message);
    }

    private static FailureCode code(Map<Filter, Integer> counts) {
        if (counts.containsKey(Filter.CONTEXT)) {
            return FailureCode.CONTEXT_OVERFLOW;
        }
        return counts.containsKey(Filter.TOPIC) || counts.containsKey(Filter.POLICY_DENIED)
                ? FailureCode.POLICY_DENIED
                : FailureCode.NO_LANE_AVAILABLE;
    }

    private static String excluded(Map.Entry<Filter, Integer> entry, HardFilters filters) {
        int lanes = entry.getValue();
        return "%s excludes %d %s"
                .formatted(filters.describe(entry.getKey()), lanes, lanes == 1 ? "lane" : "lanes");
    }

    /** What the lanes that a filter excludes have in place of what was asked. */
    private static String instead(Filter filter, List<Exclusion> exclusions) {
        List<Lane> lanes =
                exclusions.stream()
                        .filter(each -> each.filter() == filter)
                        .map(Exclusion::lane)
                        .toList();
        return switch (filter) {
            case TYPE -> " of type " + listed(lanes, each -> each.type().label());
            case PROVIDER -> " of " + listed(lanes, LaneId::provider);
            case INSTANCE ->
                    " of " + listed(lanes, each -> each.provider() + ":" + each.instance());
            case TIER -> " of " + listed(lanes, each -> each.tier().label());
            case CONTEXT ->
                    lanes.stream()
                            .map(Lane::contextWindow)
                            .filter(Objects::nonNull)
                            .max(Comparator.naturalOrder())
                            .map(", the largest window of which is %d tokens"::formatted)
                            .orElse("");
            default -> "";
        };
    }

    private static String listed(List<Lane> lanes, Function<LaneId, String> part) {
        return listed(lanes.stream().map(Lane::id).map(part).distinct().sorted().toList());
    }

    private static String listed(List<String> names) {
        return names.stream()
                        .limit(NAMED)
                        .map(EmptyRoute::shorten)
                        .collect(Collectors.joining(", "))
                + (names.size() > NAMED ? ", …" : "");
    }

    private static String head(String name) {
        return name.substring(0, Math.min(name.length(), COMPARED));
    }

    private static String shorten(String name) {
        return name.length() > NAME_LIMIT ? name.substring(0, NAME_LIMIT) + "…" : name;
    }
}
