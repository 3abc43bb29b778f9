package dev.gantry.simulator.script;

import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;

/** How long a provider takes for one call. */
public sealed interface Latency {
    Latency ZERO = new Fixed(Duration.ZERO);

    /** One call's share of this distribution. */
    Duration draw(RandomGenerator random);

    /** Always the same. */
    record Fixed(Duration time) implements Latency {
        public Fixed {
            notNegative("latency", time);
        }

        @Override
        public Duration draw(RandomGenerator random) {
            return time;
        }
    }

    /** Anything between two bounds, each as likely. */
    record Uniform(Duration from, Duration to) implements Latency {
        public Uniform {
            notNegative("from", from);
            if (to.compareTo(from) < 0) {
                throw new IllegalArgumentException(
                        "to: %s is less than from: %s".formatted(to, from));
            }
        }

        @Override
        public Duration draw(RandomGenerator random) {
            return from.plusNanos((long) (random.nextDouble() * to.minus(from).toNanos()));
        }
    }

    /**
     * The shape that real providers show: most calls near the median, a tail to the right.
     *
     * @param sigma 0 is no spread; 0.5 is usual, 1 is wild
     */
    record LogNormal(Duration median, double sigma, Duration cap) implements Latency {
        public LogNormal {
            notNegative("median", median);
            if (!(sigma >= 0 && sigma <= 5)) {
                throw new IllegalArgumentException(
                        "sigma: %s is not a number from 0 to 5".formatted(sigma));
            }
            if (cap.compareTo(median) < 0) {
                throw new IllegalArgumentException(
                        "cap: %s is less than median: %s".formatted(cap, median));
            }
        }

        @Override
        public Duration draw(RandomGenerator random) {
            double nanos = median.toNanos() * Math.exp(sigma * random.nextGaussian());
            return Duration.ofNanos((long) Math.min(nanos, (double) cap.toNanos()));
        }
    }

    /** One of several, by weight: 2 parts take 8 s, 98 parts 400 ms. */
    record Mixture(List<Part> parts) implements Latency {
        public Mixture {
            parts = List.copyOf(parts);
            if (parts.isEmpty()) {
                throw new IllegalArgumentException("mixture: needs at least one part");
            }
        }

        @Override
        public Duration draw(RandomGenerator random) {
            double left = random.nextDouble() * parts.stream().mapToDouble(Part::weight).sum();
            for (Part part : parts) {
                left -= part.weight();
                if (left < 0) {
                    return part.latency().draw(random);
                }
            }
            return parts.getLast().latency().draw(random);
        }
    }

    /** One part of a mixture. */
    record Part(double weight, Latency latency) {
        public Part {
            if (!(weight > 0 && weight <= 1e9)) {
                throw new IllegalArgumentException(
                        "weight: %s is not a number above 0".formatted(weight));
            }
        }
    }

    private static void notNegative(String member, Duration time) {
        if (time.isNegative()) {
            throw new IllegalArgumentException("%s: %s is negative".formatted(member, time));
        }
    }
}
