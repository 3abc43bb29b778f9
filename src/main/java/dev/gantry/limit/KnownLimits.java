package dev.gantry.limit;

import dev.gantry.limit.QuotaStore.Written;
import dev.gantry.limit.ScopeLimits.Known;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * The limits that this worker knows, and which of them the table does not know yet. Guarded by
 * itself.
 */
final class KnownLimits {
    /** What was told is believed so long, unless it is told again. */
    static final Duration BELIEVED = Duration.ofHours(1);

    /** What is told again and again is written again then. */
    private static final long REFRESHED = Duration.ofMinutes(20).toNanos();

    /** A smaller change is none. */
    private static final double SAME = 0.05;

    private final LongSupplier nanos;
    private Map<LimitScope, ConfiguredLimits> configured = Map.of();
    private final Map<LimitScope, Map<LimitDimension, Told>> told = new HashMap<>();

    /** In the order in which they came, each once. */
    private final Map<Place, Written> unwritten = new LinkedHashMap<>();

    private final Map<Place, Written> forgotten = new LinkedHashMap<>();

    private record Place(LimitScope scope, LimitDimension dimension) {}

    private record Told(Known known, long at) {}

    KnownLimits(LongSupplier nanos) {
        this.nanos = nanos;
    }

    synchronized ScopeLimits of(LimitScope scope) {
        Map<LimitDimension, Known> known = new EnumMap<>(LimitDimension.class);
        told.getOrDefault(scope, Map.of())
                .forEach(
                        (dimension, each) -> {
                            if (nanos.getAsLong() - each.at() < BELIEVED.toNanos()) {
                                known.put(dimension, each.known());
                            }
                        });
        return ScopeLimits.of(configured.getOrDefault(scope, ConfiguredLimits.NONE), known);
    }

    /** The operator's, from now on. */
    synchronized void configure(Map<LimitScope, ConfiguredLimits> limits) {
        Map<Place, Written> before = written(configured);
        configured = Map.copyOf(limits);
        Map<Place, Written> now = written(configured);
        now.forEach(
                (place, each) -> {
                    if (!each.equals(before.get(place))) {
                        unwritten.put(place, each);
                    }
                });
        before.keySet().removeAll(now.keySet());
        before.forEach(
                (place, each) -> {
                    unwritten.remove(place);
                    forgotten.put(place, each);
                });
        forgotten.keySet().removeAll(now.keySet());
    }

    private static Map<Place, Written> written(Map<LimitScope, ConfiguredLimits> limits) {
        Map<Place, Written> all = new LinkedHashMap<>();
        limits.forEach(
                (scope, each) ->
                        ScopeLimits.of(each, Map.of())
                                .known()
                                .forEach(
                                        (dimension, known) ->
                                                all.put(
                                                        new Place(scope, dimension),
                                                        new Written(
                                                                scope, dimension, known, null))));
        return all;
    }

    /** Whether it is news. */
    synchronized boolean tell(LimitScope scope, LimitDimension dimension, double limit) {
        Map<LimitDimension, Told> known =
                told.computeIfAbsent(scope, _ -> new EnumMap<>(LimitDimension.class));
        Told before = known.get(dimension);
        Known now = new Known(limit, LimitSource.HEADER);
        boolean news = true;
        if (before != null && same(limit, before.known().limit())) {
            if (nanos.getAsLong() - before.at() < REFRESHED) {
                return false;
            }
            now = before.known();
            news = false;
        }
        known.put(dimension, new Told(now, nanos.getAsLong()));
        unwritten.put(new Place(scope, dimension), new Written(scope, dimension, now, BELIEVED));
        return news;
    }

    private static boolean same(double one, double other) {
        return Math.abs(one - other) <= SAME * other;
    }

    /** What the fleet was told; what this worker has yet to write stays as it is. */
    synchronized void learn(Map<LimitScope, Map<LimitDimension, Known>> table) {
        table.forEach(
                (scope, limits) ->
                        limits.forEach(
                                (dimension, known) -> {
                                    if (!unwritten.containsKey(new Place(scope, dimension))) {
                                        told.computeIfAbsent(
                                                        scope,
                                                        _ -> new EnumMap<>(LimitDimension.class))
                                                .put(dimension, new Told(known, nanos.getAsLong()));
                                    }
                                }));
    }

    synchronized List<Written> unwritten() {
        return new ArrayList<>(unwritten.values());
    }

    synchronized List<Written> forgotten() {
        return new ArrayList<>(forgotten.values());
    }

    /** The table has these, unless they have changed since. */
    synchronized void wrote(Collection<Written> limits) {
        unwritten.values().removeAll(limits);
    }

    synchronized void forgot(Collection<Written> limits) {
        forgotten.values().removeAll(limits);
    }
}
