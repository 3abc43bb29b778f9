package dev.gantry.limit;

/**
 * Lets so much through in each second, evenly: the generic cell rate algorithm, one moment in
 * memory. What is let through is paid for afterwards, so that a large call waits no longer than a
 * small one, and those behind it wait for what it took.
 *
 * <p>What was not used in time is lost, but for a second, or for the time in which the whole fleet
 * may make one call where that is longer. Where this worker's calls are further apart than that, it
 * keeps its turn: workers that have all been idle do not all call at one moment.
 *
 * <p>Nanoseconds of a monotonic clock. Guarded by the lock of admission control.
 */
final class Gcra {
    private static final double SECOND = 1e9;

    /** How long what was not used may be used later. */
    private static final double KEPT = SECOND;

    /** How quickly the usual call follows the calls that are made. */
    private static final double FOLLOWS = 0.1;

    /** What a call usually takes; a request always takes 1. */
    private double usual;

    /** Nanoseconds that pay for one; of this worker, and of the whole fleet. */
    private double each;

    private double eachOfFleet;
    private double next;

    /**
     * @param usual what a call takes; at least 1
     * @param perSecond of this worker; more than 0
     * @param fleet of all workers together
     * @param turn of the time between two calls that passes before the first, 0 to 1
     */
    Gcra(double usual, double perSecond, double fleet, double turn, long now) {
        this.usual = usual;
        this.each = SECOND / perSecond;
        this.eachOfFleet = SECOND / fleet;
        this.next = now + turn * usual * each;
    }

    /** From now on so much; what is still to be paid for is the same. */
    void pace(double perSecond, double fleet, long now) {
        double other = SECOND / perSecond;
        next = now + (next - now) * (other / each);
        each = other;
        eachOfFleet = SECOND / fleet;
    }

    /** When the next may be let through; not after now: at once. */
    long from(long now) {
        double late = now - Math.max(KEPT, usual * eachOfFleet) - next;
        double period = usual * each;
        double from = late <= 0 ? next : next + Math.ceil(late / period) * period;
        return from >= Long.MAX_VALUE ? Long.MAX_VALUE : (long) from;
    }

    void take(double amount, long now) {
        next = from(now) + amount * each;
        usual = Math.max(1, usual + FOLLOWS * (amount - usual));
    }

    /** So much more than was taken, or less where negative, is to be paid for. */
    void correct(double amount) {
        next += amount * each;
    }
}
