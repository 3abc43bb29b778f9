package dev.gantry.metering;

import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * One service tier's rates, which may step with the length of the input: the whole attempt is
 * priced by the step that its input reaches.
 *
 * @param steps by the input tokens that must be exceeded; {@link #ALWAYS} for the first
 */
record Tariff(NavigableMap<Long, Rates> steps) {
    static final long ALWAYS = -1;

    Tariff {
        steps = Collections.unmodifiableNavigableMap(new TreeMap<>(steps));
        if (!steps.containsKey(ALWAYS)) {
            throw new IllegalArgumentException("a tariff without a first step");
        }
    }

    static Tariff of(Rates rates) {
        return new Tariff(new TreeMap<>(Map.of(ALWAYS, rates)));
    }

    Rates first() {
        return steps.firstEntry().getValue();
    }

    Rates at(long inputTokens) {
        return steps.lowerEntry(inputTokens).getValue();
    }

    /** Of every step that an input of at most so many tokens can reach. */
    Collection<Rates> upTo(long inputTokens) {
        return steps.headMap(inputTokens, false).values();
    }

    /** Where this tier says nothing of a step that another has, its rates there are unknown. */
    Tariff withStepsOf(Tariff other) {
        NavigableMap<Long, Rates> all = new TreeMap<>(steps);
        other.steps.keySet().forEach(step -> all.putIfAbsent(step, Rates.UNKNOWN));
        return new Tariff(all);
    }
}
