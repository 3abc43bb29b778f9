package dev.gantry.simulator.script;

/**
 * How often a fault strikes.
 *
 * @param share of the calls, 0 to 1
 * @param times at most so often since the script was put in place
 */
public record Chance(double share, int times, Fault fault) {
    public static final int UNLIMITED = Integer.MAX_VALUE;

    public Chance {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException(
                    "chance: %s is not a number from 0 to 1".formatted(share));
        }
        if (times < 1) {
            throw new IllegalArgumentException("times: %d is less than 1".formatted(times));
        }
    }

    public static Chance of(double share, Fault fault) {
        return new Chance(share, UNLIMITED, fault);
    }

    /** Strikes the first calls, then no more. */
    public static Chance first(int times, Fault fault) {
        return new Chance(1, times, fault);
    }
}
