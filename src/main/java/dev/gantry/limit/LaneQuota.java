package dev.gantry.limit;

import java.util.List;

/**
 * What this worker may still do on one lane under the fleet's limits: those of its instance, and
 * its own. Guarded by the lock of admission control, and never waits.
 */
public final class LaneQuota {
    private final List<ScopeQuota> scopes;
    private final Runnable shareWanted;
    private final TokenRatio ratio = new TokenRatio();

    LaneQuota(List<ScopeQuota> scopes, Runnable shareWanted) {
        this.scopes = List.copyOf(scopes);
        this.shareWanted = shareWanted;
    }

    /** Of a lane that nobody limits. */
    public static LaneQuota unlimited() {
        return new LaneQuota(List.of(), () -> {});
    }

    /** What a call has set aside; used up by the first {@link #settle}. */
    public static final class Reservation {
        private final CallSize size;
        private double tokens;
        private int calls = 1;

        private Reservation(CallSize size, double tokens) {
            this.size = size;
            this.tokens = tokens;
        }
    }

    /** Whether a call may go out now. */
    public boolean admits(long now) {
        return from(now) <= now;
    }

    /**
     * When the next call may go out; {@link Long#MAX_VALUE}: once something changes.
     *
     * @param now nanoseconds of the clock that the fleet's limits go by
     */
    public long from(long now) {
        long from = Long.MIN_VALUE;
        for (ScopeQuota scope : scopes) {
            from = Math.max(from, scope.from(now));
            if (from == Long.MAX_VALUE && scope.lacksShare()) {
                shareWanted.run();
            }
        }
        return from;
    }

    /** Sets aside what the call may take: its estimate, and the output that it asks for. */
    public Reservation take(CallSize size, long now) {
        double tokens = ratio.tokens(size);
        for (ScopeQuota scope : scopes) {
            // What is larger than a minute's limit is for the provider to refuse.
            tokens = Math.min(tokens, scope.most());
        }
        for (ScopeQuota scope : scopes) {
            scope.take(tokens, now);
        }
        return new Reservation(size, tokens);
    }

    /** The call is repeated in its own place. */
    public void again(Reservation reservation, long now) {
        reservation.calls++;
        double tokens = ratio.tokens(reservation.size);
        reservation.tokens += tokens;
        scopes.forEach(scope -> scope.charge(tokens, now));
    }

    /** The call has ended: what it took counts instead of what was set aside. Once. */
    public void settle(Reservation reservation, CallUse use) {
        double more =
                switch (use) {
                    case CallUse.Unmade _, CallUse.Refused _ -> -reservation.tokens;
                    case CallUse.Unknown _ -> 0;
                    case CallUse.Counted(var usage) -> {
                        ratio.learn(reservation.size, usage);
                        Double counted = TokenRatio.counted(usage);
                        yield counted == null ? 0 : counted - reservation.tokens;
                    }
                };
        int calls = use instanceof CallUse.Unmade ? -reservation.calls : 0;
        for (ScopeQuota scope : scopes) {
            scope.ended();
            scope.correct(calls, more);
        }
    }

    /** Whether a place that a call gives back may be another lane's. */
    public boolean sharesPlaces() {
        return !scopes.isEmpty() && scopes.getFirst().boundsCalls();
    }

    /** Calls per second that may go out now; infinite where nobody limits them. */
    public double perSecond(long now) {
        double least = Double.POSITIVE_INFINITY;
        for (ScopeQuota scope : scopes) {
            ScopeTerms.Rate rate =
                    scope.terms().get().rate(LimitDimension.REQUESTS_PER_MINUTE, now);
            least = rate == null ? least : Math.min(least, rate.perSecond());
        }
        return least;
    }

    /**
     * A request has come into the lines of these lanes, or has left them: in each scope it counts
     * once.
     */
    public static void waits(List<LaneQuota> lanes, int more) {
        for (int lane = 0; lane < lanes.size(); lane++) {
            for (ScopeQuota scope : lanes.get(lane).scopes) {
                if (!among(scope, lanes.subList(0, lane))) {
                    scope.waits(more);
                }
            }
        }
    }

    private static boolean among(ScopeQuota scope, List<LaneQuota> lanes) {
        for (LaneQuota each : lanes) {
            if (each.scopes.contains(scope)) {
                return true;
            }
        }
        return false;
    }
}
