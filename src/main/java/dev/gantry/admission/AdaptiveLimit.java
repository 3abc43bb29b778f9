package dev.gantry.admission;

import java.util.random.RandomGenerator;

/**
 * How fast this worker may call a lane. Two bounds, both learnt:
 *
 * <ul>
 *   <li>a <b>window</b> of calls under way: after a lane has closed one call, doubled with each
 *       round of successes (routing rules, section 2). A lane never called before begins wider, and
 *       also widens with time: a refusal comes back quickly, a success may take minutes;
 *   <li>a <b>rate</b>, known once the lane has refused: a little less than what it took while it
 *       was wanted, the wait after the last refusal included, so that a bucket's burst is not taken
 *       for its rate. It grows slowly at first and fast once the lane has not refused for a while.
 * </ul>
 *
 * <p>A window alone drives into a rate limit again and again: at 50 requests/s each reopening costs
 * a burst of refusals.
 *
 * <p>All times are nanoseconds of one monotonic clock. Guarded by the lock of admission control.
 */
final class AdaptiveLimit {
    /** Wider than any number of slots. */
    static final int UNLIMITED = Integer.MAX_VALUE;

    private static final int FIRST_WINDOW = 64;

    /** The widest that bounds anything: what is halved from unlimited lies far beyond it. */
    static final int WIDEST = 4096;

    private static final long SECOND = 1_000_000_000L;

    /** Calls that may leave together, in time: below it a timer's own delay would be the limit. */
    private static final long TOLERANCE = SECOND / 100;

    private static final long LEAST_MEASURED = SECOND / 100;

    /** A lane that nobody has wanted for so long begins a new measurement. */
    private static final long IDLE = 2 * SECOND;

    /** How far back a measurement looks. */
    private static final long HORIZON = 10 * SECOND;

    /** Of what the lane took. */
    private static final double PRUDENCE = 0.88;

    /** Calls per second gained each second, times the root of the rate: small shares catch up. */
    private static final double GROWTH = 0.15;

    /** And at most this part of the rate. */
    private static final double FASTEST = 0.02;

    private static final double FIRST_EAGERNESS = 32;

    /** Without a refusal for so long, the rate begins to double every ten seconds. */
    private static final double CALM_SECONDS = 30;

    /** Calls that a share of refusals is taken of; older ones count less and less. */
    private static final double REMEMBERED = 200;

    /**
     * So many of a hundred calls are refused anywhere, whatever the pace: to slow down for them
     * would end at a standstill.
     */
    private static final double NOISE = 0.07;

    /**
     * A few refusals tell nothing: of 140 workers whose lane refused 3 of 100 calls at random,
     * seven slowed down for half a minute where two of the first calls were enough; with five, none
     * of 250.
     */
    private static final double FEW = 4.5;

    private static final double SLOWED_MOST = 0.7;
    private static final double SLOWED_LEAST = 0.9;

    /** How long the first calls of a fleet may be spread after a close. */
    private static final double LONGEST_SPREAD = 5;

    private static final double LONGEST_UNLIMITED_SPREAD = 1;

    static final double NO_LIMIT = 1e6;

    private int window = FIRST_WINDOW;

    /** Whether the lane has neither closed nor refused since this worker began. */
    private boolean fresh = true;

    /**
     * Calls under way that the lane has borne before, at the pace it is known to take: after the
     * first round the window is that wide again. At least 1.
     */
    private int proven = 1;

    /** Successes in this round. */
    private int answered;

    private long widened;

    /** Calls per second at the last refusal; infinite while the lane has never refused. */
    private double rate = Double.POSITIVE_INFINITY;

    /** Growth is faster while little is known. */
    private double eagerness = FIRST_EAGERNESS;

    private long refused;
    private long openedAt;

    /** When the next call may go out, by the rate. */
    private long next;

    private long lastSent;
    private long measuredFrom;

    /** Successes since then. */
    private long taken;

    /** Calls, and those refused without a time, as far as they are remembered. */
    private double calls;

    private double refusals;

    private final RandomGenerator random;

    AdaptiveLimit(long now, RandomGenerator random) {
        this.random = random;
        widened = now;
        refused = now - 1;
        next = now;
        lastSent = now;
        measuredFrom = now;
        openedAt = now;
    }

    /**
     * The lane has closed anew: one call first, whatever it took before. All workers see it close
     * at one moment: each has its own time within that which the fleet needs for a call of each.
     */
    void restart(long now) {
        window = 1;
        fresh = false;
        answered = 0;
        calls = 0;
        refusals = 0;
        next = Math.max(next, now + (long) (SECOND * spread(now) * random.nextDouble()));
        openedAt = now;
        // The wait belongs to what is measured.
        lastSent = now;
    }

    /** Workers ÷ the fleet's rate, in seconds: one worker's share of it is what is learnt here. */
    private double spread(long now) {
        double limit = rate(now);
        if (limit < NO_LIMIT) {
            return Math.min(1 / limit, LONGEST_SPREAD);
        }
        return taken == 0
                ? 0
                : Math.min(seconds(lastSent - measuredFrom) / taken, LONGEST_UNLIMITED_SPREAD);
    }

    /** Whether a call may go out now. */
    boolean admits(int underWay, long now) {
        return underWay < window(now) && admitsFrom() <= now;
    }

    /** When the rate lets the next call out. */
    long admitsFrom() {
        return next - TOLERANCE;
    }

    void sent(long now) {
        // As they are sent: refusals come back sooner than answers.
        double kept = 1 - 1 / REMEMBERED;
        calls = calls * kept + 1;
        refusals *= kept;
        if (now - lastSent > IDLE) {
            measuredFrom = now;
            taken = 0;
        }
        lastSent = now;
        double perSecond = rate(now);
        if (perSecond < NO_LIMIT) {
            next = Math.max(next, now) + (long) (SECOND / perSecond);
        }
    }

    /**
     * The lane did its work.
     *
     * @param sent when that call went out: what a lane takes at once, never asked before, says
     *     nothing of its rate
     */
    void answered(long sent, long now) {
        if (sent >= measuredFrom || rate < NO_LIMIT) {
            taken++;
        }
        if (now - measuredFrom > HORIZON) {
            measuredFrom += (now - measuredFrom) / 2;
            taken /= 2;
        }
        if (window == UNLIMITED) {
            return;
        }
        answered++;
        if (answered >= window) {
            window = rate < NO_LIMIT ? Math.max(doubled(window), proven) : doubled(window);
            answered = 0;
            widened = now;
        }
    }

    /**
     * The lane refused a call.
     *
     * @param sent when that call went out: one sent before the last refusal tells nothing new
     */
    void refused(long sent, long now) {
        if (sent <= refused) {
            return;
        }
        window = Math.max(1, window(now) / 2);
        proven = Math.max(proven / 2, window);
        fresh = false;
        answered = 0;
        learn(now);
    }

    /**
     * The lane refused a call and named no time: a little slower, once for all that was sent before
     * it was known. Single refusals of a lane that mostly answers are none of the pace's affair.
     *
     * @param sent when that call went out
     */
    void slowed(long sent, long now) {
        if (sent < openedAt) {
            return; // of before the lane rested
        }
        refusals++;
        if (sent <= refused || refusals <= FEW + NOISE * calls) {
            return;
        }
        fresh = false;
        double before = rate(now);
        if (before >= NO_LIMIT && taken == 0) {
            window = Math.max(1, window(now) / 2);
            answered = 0;
        }
        learn(now);
        if (before < NO_LIMIT) {
            rate = Math.clamp(rate, SLOWED_MOST * before, SLOWED_LEAST * before);
        }
    }

    /**
     * The lane was overloaded: in slow start it gets less. Otherwise single refusals of a busy lane
     * would hold it down for good, as a few of a hundred are no rarity; more are the circuit's
     * affair.
     */
    void strained() {
        if (!fresh && window != UNLIMITED) {
            window = Math.max(1, window / 2);
            answered = 0;
        }
    }

    /**
     * The lane refused another worker, which shares its limit: this one learns as well, or the
     * fleet's shares would drift apart.
     */
    void refusedElsewhere(long now) {
        if (now - refused > SECOND / 10 && rate < NO_LIMIT) {
            proven = Math.max(proven, Math.min(window(now), WIDEST));
            learn(now);
        }
    }

    private void learn(long now) {
        eagerness = Math.max(1, eagerness / 2);
        rate = learnt(now);
        refused = now;
        measuredFrom = now;
        taken = 0;
    }

    /**
     * What was taken is less than the lane's rate if its bucket ran over in the wait, and what was
     * sent is more: the truth lies between.
     */
    private double learnt(long now) {
        double sent = rate(now);
        if (taken == 0) {
            return sent;
        }
        double measured = taken / seconds(now - measuredFrom);
        double most = Math.min(sent, taken / seconds(now - Math.max(openedAt, measuredFrom)));
        return PRUDENCE * Math.sqrt(measured * Math.max(most, measured));
    }

    private static double seconds(long nanos) {
        return Math.max(nanos, LEAST_MEASURED) / (double) SECOND;
    }

    /** Calls per second that may go out now; above {@value #NO_LIMIT} there is no limit. */
    double rate(long now) {
        double calm = Math.max(0, now - refused) / (double) SECOND;
        double slow = rate + eagerness * Math.min(GROWTH * Math.sqrt(rate), FASTEST * rate) * calm;
        return calm > CALM_SECONDS ? slow * Math.pow(2, (calm - CALM_SECONDS) / 10) : slow;
    }

    /** A fresh lane's window doubles every second as well. */
    int window(long now) {
        int wide = window;
        long seconds = fresh ? (now - widened) / SECOND : 0;
        for (long each = 0; each < seconds && wide != UNLIMITED; each++) {
            wide = doubled(wide);
        }
        return wide;
    }

    private static int doubled(int window) {
        return window >= WIDEST ? UNLIMITED : window * 2;
    }
}
