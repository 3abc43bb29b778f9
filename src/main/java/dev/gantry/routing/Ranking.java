package dev.gantry.routing;

import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.Quality;
import dev.gantry.inference.RequestOptions;
import dev.gantry.inference.Tier;
import dev.gantry.metering.PriceList;
import dev.gantry.routing.RoutingSettings.Order;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The order of lanes within a model, for one request (routing rules, section 1.7). */
final class Ranking {
    /** One request in so many goes to lanes of unknown latency first, or they would stay so. */
    static final int SCOUTS = 20;

    private final InferenceRequest request;
    private final RequestOptions.Preference prefer;
    private final Criteria criteria;
    private final long hash;
    private final long unknownLatency;

    /** Whether nothing but weight tells the lanes apart, as mostly. */
    private final boolean byWeight;

    /**
     * What counts besides what the caller prefers.
     *
     * @param advised the tier whose lanes go first; null where no advice applies
     * @param defaultProvider goes first where the request names neither model nor provider
     * @param quality lanes nearest to it go first; null where no effort is asked
     * @param modelCount how many models the catalogue has
     */
    record Criteria(
            @Nullable Tier advised,
            @Nullable String defaultProvider,
            @Nullable Quality quality,
            Order order,
            PriceList prices,
            LaneLatencies latencies,
            int modelCount) {}

    Ranking(InferenceRequest request, Criteria criteria) {
        this.request = request;
        this.criteria = criteria;
        prefer = request.options().prefer();
        hash = Rendezvous.hash(request.id().value());
        boolean scout = Long.remainderUnsigned(Rendezvous.score(hash, 0), SCOUTS) == 0;
        unknownLatency = scout ? 0 : Standing.UNKNOWN;
        byWeight =
                prefer.equals(RequestOptions.Preference.NONE)
                        && criteria.advised() == null
                        && criteria.defaultProvider() == null
                        && criteria.quality() == null
                        && criteria.order() == Order.WEIGHT;
    }

    /**
     * Lanes in their order.
     *
     * @param rule what put the first before the second
     */
    record Ordered(List<Lane> lanes, RankRule rule) {}

    /** Of a route whose first lane came first by this rule. */
    Route.Choice choice(RankRule rule, boolean fallback) {
        return new Route.Choice(criteria.order(), rule, fallback);
    }

    /**
     * Best first; a model's offers stay together, at the place of its best one.
     *
     * @param offers heaviest first
     */
    Ordered order(List<Offer> offers) {
        if (offers.size() < 2) {
            List<Lane> lanes = offers.isEmpty() ? List.of() : List.of(offers.getFirst().lane());
            return new Ordered(lanes, RankRule.ONLY_LANE);
        }
        boolean here = offers.stream().anyMatch(each -> each.lane().runsHere()) && copies(offers);
        Ranked ranked = byWeight && !here ? Ranked.equal(offers) : ranked(offers, here);
        RankRule rule = ranked.rule(criteria.order());
        for (int from = 0; from < offers.size(); ) {
            int to = ranked.endOfEquals(from);
            spread(ranked.offers, from, to);
            from = to;
        }
        return new Ordered(together(ranked.offers), rule);
    }

    /** Whether there is a name that all of them answer to: one may stand for the other. */
    private static boolean copies(List<Offer> offers) {
        Set<String> shared = new HashSet<>(offers.getFirst().names());
        offers.forEach(each -> shared.retainAll(each.names()));
        return !shared.isEmpty();
    }

    private Ranked ranked(List<Offer> offers, boolean here) {
        List<Standing> standings = new ArrayList<>(offers.size());
        for (Offer offer : offers) {
            Lane lane = offer.lane();
            int preference = preference(lane.id()) + (here && lane.runsHere() ? 1 : 0);
            standings.add(Standing.of(offer, preference, distance(lane), measure(lane)));
        }
        standings.sort(Comparator.comparingLong(Standing::value)); // stable: heaviest first
        Ranked ranked = new Ranked(new Offer[offers.size()], new long[offers.size()]);
        for (int i = 0; i < standings.size(); i++) {
            ranked.offers[i] = standings.get(i).offer();
            ranked.standings[i] = standings.get(i).value();
        }
        return ranked;
    }

    /**
     * What the caller prefers outranks what was advised, that outranks a default, and that a
     * running copy at hand.
     */
    private int preference(LaneId lane) {
        int wanted = 0;
        wanted += lane.provider().equals(prefer.provider()) ? 8 : 0;
        wanted += lane.instance().equals(prefer.instance()) ? 8 : 0;
        wanted += lane.tier() == prefer.tier() ? 8 : 0;
        wanted += lane.tier() == criteria.advised() ? 4 : 0;
        return wanted + (lane.provider().equals(criteria.defaultProvider()) ? 2 : 0);
    }

    /** How far the lane's quality is from the one asked; an unknown one as far as can be. */
    private int distance(Lane lane) {
        if (criteria.quality() == null) {
            return 0;
        }
        return lane.quality() == null
                ? Quality.LOW.distance(Quality.HIGH)
                : lane.quality().distance(criteria.quality());
    }

    private long measure(Lane lane) {
        return switch (criteria.order()) {
            case WEIGHT -> 0;
            case COST, DEADLINE -> {
                BigDecimal cost = Projection.compared(criteria.prices(), lane, request);
                yield cost == null ? Standing.UNKNOWN : Standing.measure(cost);
            }
            case LATENCY -> {
                LaneLatencies.Quantiles known = criteria.latencies().of(lane.id());
                yield known == null
                        ? unknownLatency
                        : Math.min(known.p95().toNanos(), Standing.UNKNOWN - 1);
            }
        };
    }

    /** Equals take turns: each request has its own order of them. */
    private void spread(Offer[] offers, int from, int to) {
        if (to - from < 2) {
            return;
        }
        // The score decides; its last bits give way to where the offer stands.
        long[] keys = new long[to - from];
        long mask = Long.highestOneBit(keys.length) * 2 - 1;
        for (int i = 0; i < keys.length; i++) {
            long score = Rendezvous.score(hash, offers[from + i].hash());
            keys[i] = (score & ~mask) | (keys.length - i);
        }
        Arrays.sort(keys);
        Offer[] before = Arrays.copyOfRange(offers, from, to);
        for (int i = 0; i < keys.length; i++) {
            int place = keys.length - (int) (keys[keys.length - 1 - i] & mask);
            offers[from + i] = before[place];
        }
    }

    private List<Lane> together(Offer[] offers) {
        int[] counts = new int[criteria.modelCount()];
        for (Offer offer : offers) {
            counts[offer.modelNumber()]++;
        }
        int[] places = new int[criteria.modelCount()];
        Lane[] lanes = new Lane[offers.length];
        int taken = 0;
        for (Offer offer : offers) {
            int model = offer.modelNumber();
            if (counts[model] > 0) { // its best one: room for all of the model
                places[model] = taken;
                taken += counts[model];
                counts[model] = 0;
            }
            lanes[places[model]++] = offer.lane();
        }
        return Arrays.asList(lanes);
    }

    /** What goes before an offer's weight, in one number; the lower, the better. */
    private record Standing(Offer offer, long value) {
        private static final int MEASURE_BITS = 56;
        private static final int DISTANCE_BITS = 2;
        private static final long MOST_PREFERRED = 31;

        /** Of the measure: behind all that is known. */
        static final long UNKNOWN = (1L << MEASURE_BITS) - 1;

        /** To more digits than a price has. */
        private static final int DIGITS = 12;

        static Standing of(Offer offer, int preference, int distance, long measure) {
            long places = ((MOST_PREFERRED - preference) << DISTANCE_BITS) | distance;
            return new Standing(offer, (places << MEASURE_BITS) | measure);
        }

        /** Beyond 72,000 dollars, all is equally dear. */
        static long measure(BigDecimal dollars) {
            BigDecimal scaled = dollars.movePointRight(DIGITS);
            return scaled.compareTo(BigDecimal.valueOf(UNKNOWN - 1)) >= 0
                    ? UNKNOWN - 1
                    : scaled.longValue();
        }

        static long measure(long value) {
            return value & UNKNOWN;
        }

        static int distance(long value) {
            return (int) (value >>> MEASURE_BITS) & ((1 << DISTANCE_BITS) - 1);
        }

        static int preference(long value) {
            return (int) (MOST_PREFERRED - (value >>> (MEASURE_BITS + DISTANCE_BITS)));
        }
    }

    /** Offers in their order, with their standings. */
    private static final class Ranked {
        final Offer[] offers;
        final long[] standings;

        Ranked(Offer[] offers, long[] standings) {
            this.offers = offers;
            this.standings = standings;
        }

        static Ranked equal(List<Offer> offers) {
            return new Ranked(offers.toArray(Offer[]::new), new long[offers.size()]);
        }

        /** The end of those that nothing but a request's own order tells from this one. */
        int endOfEquals(int from) {
            int to = from + 1;
            while (to < offers.length
                    && standings[to] == standings[from]
                    && offers[to].lane().weight() == offers[from].lane().weight()) {
                to++;
            }
            return to;
        }

        /** What tells the first from the second. */
        RankRule rule(Order order) {
            long first = standings[0];
            long second = standings[1];
            int preference = Standing.preference(first);
            if (preference != Standing.preference(second)) {
                return preferred(preference, Standing.preference(second));
            }
            if (Standing.distance(first) != Standing.distance(second)) {
                return RankRule.EFFORT;
            }
            if (Standing.measure(first) != Standing.measure(second)) {
                return switch (order) {
                    case COST -> RankRule.COST;
                    case LATENCY -> RankRule.LATENCY;
                    case DEADLINE -> RankRule.DEADLINE;
                    case WEIGHT -> throw new IllegalStateException("weight is no measure");
                };
            }
            return endOfEquals(0) == 1 ? RankRule.WEIGHT : RankRule.TURN;
        }

        private static RankRule preferred(int first, int second) {
            if (first >> 3 != second >> 3) {
                return RankRule.PREFER;
            }
            if (first >> 2 != second >> 2) {
                return RankRule.ASSIGNMENT;
            }
            return first >> 1 == second >> 1 ? RankRule.LOCAL_COPY : RankRule.DEFAULT_PROVIDER;
        }
    }
}
