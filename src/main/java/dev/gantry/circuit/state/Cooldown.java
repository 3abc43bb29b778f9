package dev.gantry.circuit.state;

import java.time.Duration;

/** How long a circuit stays open: doubled with each trip, up to a cap. */
record Cooldown(Duration first, Duration most) {
    /** Doubling further could only overflow. */
    private static final int MOST_DOUBLINGS = 30;

    /** Of the trip with this number, from 1. */
    Duration of(int trip) {
        int doublings = Math.min(Math.max(trip - 1, 0), MOST_DOUBLINGS);
        Duration grown = first.multipliedBy(1L << doublings);
        return grown.compareTo(most) < 0 ? grown : most;
    }

    /** The trips still remembered: each cooldown spent closed takes one away, the longest first. */
    int remembered(int trips, Duration closedFor) {
        int left = trips;
        Duration time = closedFor;
        while (left > 0 && time.compareTo(of(left)) >= 0) {
            time = time.minus(of(left));
            left--;
        }
        return left;
    }
}
