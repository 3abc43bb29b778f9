package dev.gantry.routing;

import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.RequestOptions;
import dev.gantry.inference.Tier;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** The order of lanes within a model, for one request (routing rules, section 1.7). */
final class Ranking {
    private final RequestOptions.Preference prefer;
    private final @Nullable Tier advised;
    private final @Nullable String defaultProvider;
    private final int modelCount;
    private final long request;

    /** Whether nothing but weight tells the lanes apart, as mostly. */
    private final boolean byWeight;

    /**
     * @param advised the tier whose lanes go first; null where no advice applies
     * @param defaultProvider goes first where the request names neither model nor provider
     * @param modelCount how many models the catalogue has
     */
    Ranking(
            InferenceRequest request,
            @Nullable Tier advised,
            @Nullable String defaultProvider,
            int modelCount) {
        prefer = request.options().prefer();
        this.advised = advised;
        this.defaultProvider = defaultProvider;
        this.modelCount = modelCount;
        this.request = Rendezvous.hash(request.id().value());
        byWeight =
                prefer.equals(RequestOptions.Preference.NONE)
                        && advised == null
                        && defaultProvider == null;
    }

    /**
     * Best first; a model's offers stay together, at the place of its best one.
     *
     * @param offers heaviest first
     */
    List<Lane> order(List<Offer> offers) {
        if (offers.size() == 1) {
            return List.of(offers.getFirst().lane());
        }
        Ranked ranked = byWeight ? Ranked.equal(offers) : ranked(offers);
        for (int from = 0; from < offers.size(); ) {
            int to = ranked.endOfEquals(from);
            spread(ranked.offers(), from, to);
            from = to;
        }
        return together(ranked.offers());
    }

    private Ranked ranked(List<Offer> offers) {
        List<Standing> standings = new ArrayList<>(offers.size());
        for (Offer offer : offers) {
            standings.add(new Standing(offer, -preference(offer.lane().id())));
        }
        standings.sort(Comparator.comparingLong(Standing::value)); // stable: heaviest first
        Ranked ranked = new Ranked(new Offer[offers.size()], new long[offers.size()]);
        for (int i = 0; i < standings.size(); i++) {
            ranked.offers()[i] = standings.get(i).offer();
            ranked.standings()[i] = standings.get(i).value();
        }
        return ranked;
    }

    /** Equals take turns: each request has its own order of them. */
    private void spread(Offer[] offers, int from, int to) {
        if (to - from < 2) {
            return;
        }
        // The score decides, its last bits give way to where the offer stands.
        long[] keys = new long[to - from];
        long mask = Long.highestOneBit(keys.length) * 2 - 1;
        for (int i = 0; i < keys.length; i++) {
            keys[i] =
                    (Rendezvous.score(request, offers[from + i].hash()) & ~mask)
                            | (keys.length - i);
        }
        Arrays.sort(keys);
        Offer[] before = Arrays.copyOfRange(offers, from, to);
        for (int i = 0; i < keys.length; i++) {
            int place = keys.length - (int) (keys[keys.length - 1 - i] & mask);
            offers[from + i] = before[place];
        }
    }

    private List<Lane> together(Offer[] offers) {
        int[] counts = new int[modelCount];
        for (Offer offer : offers) {
            counts[offer.modelNumber()]++;
        }
        int[] places = new int[modelCount];
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

    /** What the caller prefers outranks what was advised, and that outranks a default. */
    private int preference(LaneId lane) {
        int wanted = 0;
        wanted += lane.provider().equals(prefer.provider()) ? 4 : 0;
        wanted += lane.instance().equals(prefer.instance()) ? 4 : 0;
        wanted += lane.tier() == prefer.tier() ? 4 : 0;
        wanted += lane.tier() == advised ? 2 : 0;
        return wanted + (lane.provider().equals(defaultProvider) ? 1 : 0);
    }

    /** What goes before an offer's weight; the lower, the better. */
    private record Standing(Offer offer, long value) {}

    /** Offers in their order, with their standings. */
    private record Ranked(Offer[] offers, long[] standings) {
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
    }
}
