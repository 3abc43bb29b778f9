package dev.gantry.limit;

import dev.gantry.limit.ScopeTerms.Rate;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What this worker has of one scope, and what it uses of it. Terms may be given by any thread; all
 * else is guarded by the lock of admission control.
 */
final class ScopeQuota {
    private static final double USUAL_TOKENS = 1_000;

    private final LimitScope scope;
    private final AtomicReference<ScopeTerms> terms;

    /** Distinct requests that stand in line for it. */
    private final AtomicInteger waiting = new AtomicInteger();

    private final AtomicInteger underWay = new AtomicInteger();

    /** Since the start; for whoever draws what is used. */
    private final AtomicReference<Used> used = new AtomicReference<>(new Used(0, 0));

    private ScopeTerms seen = ScopeTerms.FREE;
    private long changesAt = Long.MAX_VALUE;
    private @Nullable Gcra requests;
    private @Nullable Gcra tokens;
    private int calls = Integer.MAX_VALUE;

    /** Whether this worker has nothing of a limit that there is. */
    private boolean closed;

    record Used(long requests, long tokens) {
        Used with(long more, long moreTokens) {
            return new Used(requests + more, tokens + moreTokens);
        }
    }

    ScopeQuota(LimitScope scope, ScopeTerms terms) {
        this.scope = scope;
        this.terms = new AtomicReference<>(terms);
    }

    LimitScope scope() {
        return scope;
    }

    AtomicReference<ScopeTerms> terms() {
        return terms;
    }

    int demand() {
        return waiting.get() + underWay.get();
    }

    int underWay() {
        return underWay.get();
    }

    int waiting() {
        return waiting.get();
    }

    Used used() {
        return used.get();
    }

    void waits(int more) {
        waiting.addAndGet(more);
    }

    /** Whether calls at once are bounded. */
    boolean boundsCalls() {
        return terms.get().limits().calls() != null;
    }

    /** Whether there is a limit, and nothing of it is this worker's yet. */
    boolean lacksShare() {
        ScopeTerms now = terms.get();
        return now.lease() == null && !now.limits().none();
    }

    /** When the next call may go out: not after now is at once, the end of time is not known. */
    long from(long now) {
        refresh(now);
        if (closed) {
            return seen.lease() == null ? Long.MAX_VALUE : changesAt;
        }
        if (underWay.get() >= calls) {
            return Long.MAX_VALUE;
        }
        long from = requests == null ? Long.MIN_VALUE : requests.from(now);
        return tokens == null ? from : Math.max(from, tokens.from(now));
    }

    /** What a call may set aside at most. */
    double most() {
        Double most = terms.get().mostTokens();
        return most == null ? Double.POSITIVE_INFINITY : most;
    }

    /**
     * @param amount tokens
     */
    void take(double amount, long now) {
        refresh(now);
        underWay.incrementAndGet();
        charge(amount, now);
    }

    /** A call more, on the place of one that has ended. */
    void charge(double amount, long now) {
        used.updateAndGet(before -> before.with(1, Math.round(amount)));
        if (requests != null) {
            requests.take(1, now);
        }
        if (tokens != null) {
            tokens.take(amount, now);
        }
    }

    void ended() {
        underWay.decrementAndGet();
    }

    /** So many calls and tokens more than was taken, or fewer where negative. */
    void correct(int more, double amount) {
        used.updateAndGet(before -> before.with(more, Math.round(amount)));
        if (requests != null) {
            requests.correct(more);
        }
        if (tokens != null) {
            tokens.correct(amount);
        }
    }

    private void refresh(long now) {
        ScopeTerms current = terms.get();
        if (now < changesAt && current.equals(seen)) {
            return;
        }
        seen = current;
        changesAt = current.changesAt(now);
        calls = current.calls(now);
        closed = false;
        requests = paced(requests, LimitDimension.REQUESTS_PER_MINUTE, 1, now);
        tokens = paced(tokens, LimitDimension.TOKENS_PER_MINUTE, USUAL_TOKENS, now);
    }

    private @Nullable Gcra paced(
            @Nullable Gcra before, LimitDimension dimension, double usual, long now) {
        Rate rate = seen.rate(dimension, now);
        if (rate == null) {
            return null;
        }
        LeasedShare lease = seen.lease();
        if (rate.perSecond() <= 0 || lease == null) {
            closed = true; // until there is another share, or what was told is over
            return before;
        }
        if (before == null) {
            double turn = (double) lease.rank() / lease.sharers();
            return new Gcra(usual, rate.perSecond(), rate.fleet(), turn, now);
        }
        before.pace(rate.perSecond(), rate.fleet(), now);
        return before;
    }
}
