package dev.gantry.simulator.script;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/**
 * How calls under one rule go.
 *
 * @param faults at most one strikes a call; their shares add up to 1 at most, apart from those with
 *     a limited number of times, which go first
 * @param rateLimit null: none
 */
public record Behaviour(
        Latency latency,
        List<Chance> faults,
        @Nullable RateLimit rateLimit,
        List<Outage> outages,
        AnswerShape answer) {
    /** Answers everything at once. */
    public static final Behaviour FAULTLESS =
            new Behaviour(Latency.ZERO, List.of(), null, List.of(), AnswerShape.USUAL);

    public Behaviour {
        faults = List.copyOf(faults);
        outages = List.copyOf(outages);
        double sum =
                faults.stream()
                        .filter(chance -> chance.times() == Chance.UNLIMITED)
                        .mapToDouble(Chance::share)
                        .sum();
        if (sum > 1 + 1e-9) {
            throw new IllegalArgumentException(
                    "faults: chances add up to %s, more than 1".formatted(sum));
        }
        if (outages.stream().anyMatch(outage -> outage.kind() == Outage.Kind.REFUSED)) {
            throw new IllegalArgumentException(
                    "outages: refused closes the port, so it is allowed only at the top of the"
                            + " script; allowed here: unavailable, hang, cut");
        }
    }

    public static Behaviour taking(Latency latency) {
        return FAULTLESS.with(latency);
    }

    /** Every call meets this fault. */
    public static Behaviour always(Fault fault) {
        return FAULTLESS.with(Chance.of(1, fault));
    }

    public Behaviour with(Latency taken) {
        return new Behaviour(taken, faults, rateLimit, outages, answer);
    }

    /** Adds a fault. */
    public Behaviour with(Chance chance) {
        return new Behaviour(latency, added(faults, chance), rateLimit, outages, answer);
    }

    public Behaviour with(RateLimit limit) {
        return new Behaviour(latency, faults, limit, outages, answer);
    }

    /** Adds an outage. */
    public Behaviour with(Outage outage) {
        return new Behaviour(latency, faults, rateLimit, added(outages, outage), answer);
    }

    public Behaviour with(AnswerShape shape) {
        return new Behaviour(latency, faults, rateLimit, outages, shape);
    }

    private static <T> List<T> added(List<T> to, T item) {
        List<T> list = new ArrayList<>(to);
        list.add(item);
        return list;
    }
}
