package dev.gantry.budget;

import dev.gantry.budget.BudgetEntry.Doubt;
import dev.gantry.budget.BudgetEntry.Reserve;
import dev.gantry.budget.BudgetEntry.Settle;
import dev.gantry.inference.AttemptId;
import dev.gantry.inference.Cancellation;
import dev.gantry.inference.Caps;
import dev.gantry.inference.Caps.OnExceed;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.metering.Cost;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One request's caps and its session in the ledger. It outlives a wait, so it keeps no body; two
 * calls of the request may use it at once.
 */
public final class RequestBudget {
    private final Caps caps;
    private final SessionKey session;
    private final BudgetLedger ledger;

    /** A reservation of an attempt that was given up is another than that of its next try. */
    private final AtomicInteger tries = new AtomicInteger();

    /** What the session had spent at the last reservation, and this request since; guarded. */
    private @Nullable BigDecimal sessionCost;

    private RequestBudget(Caps caps, SessionKey session, BudgetLedger ledger) {
        this.caps = caps;
        this.session = session;
        this.ledger = ledger;
    }

    /**
     * The request's own caps and those that its policy or topic add.
     *
     * @param more {@link Caps#NONE}: none
     */
    public static RequestBudget of(InferenceRequest request, Caps more, BudgetLedger ledger) {
        Caps all = request.options().caps().and(more);
        return new RequestBudget(
                all, all.none() ? SessionKey.NONE : SessionKey.of(request), ledger);
    }

    /** False: nothing of it is ever needed. */
    public boolean capped() {
        return !caps.none();
    }

    /**
     * Whether a call is to be passed over for good, whatever the session has spent.
     *
     * @param projected null: not known
     * @return null: it is not
     */
    public @Nullable Exceeded hopeless(@Nullable BigDecimal projected) {
        Exceeded exceeded = CapRules.call(caps, projected);
        return exceeded != null && exceeded.onExceed() == OnExceed.SKIP ? exceeded : null;
    }

    /**
     * Sets the projected cost of a call aside. Waits for the ledger two seconds at most.
     *
     * @param projected null: not known
     * @param left time that the request has
     */
    public Verdict reserve(
            AttemptId attempt,
            @Nullable BigDecimal projected,
            Duration left,
            Cancellation cancellation)
            throws InterruptedException {
        List<Exceeded> warned = new ArrayList<>(2);
        Exceeded alone = CapRules.call(caps, projected);
        if (alone != null && alone.onExceed() != OnExceed.WARN) {
            return new Verdict.Refused(alone);
        }
        if (alone != null) {
            warned.add(alone);
        }
        if (projected == null || !CapRules.shared(caps)) {
            return new Verdict.Granted(BudgetReservation.NONE, warned);
        }
        if (!ledger.answers()) {
            return new Verdict.Unanswered();
        }
        String id = attempt.value() + "/" + tries.incrementAndGet();
        var entry = new Reserve(session, id, projected, CapRules.limit(caps));
        Optional<Booked> booked = ledger.reserve(entry, left, cancellation);
        return booked.isEmpty() ? new Verdict.Unanswered() : answered(entry, booked.get(), warned);
    }

    private Verdict answered(Reserve entry, Booked booked, List<Exceeded> warned) {
        know(booked.spent());
        Exceeded exceeded = CapRules.session(caps, entry.projected(), booked.total());
        if (!booked.granted()) {
            if (exceeded == null) {
                throw new IllegalStateException("refused below the cap: " + booked);
            }
            return new Verdict.Refused(exceeded);
        }
        if (exceeded != null) {
            warned.add(exceeded);
        }
        return new Verdict.Granted(new Booking(entry), warned);
    }

    /** For a wait without a slot: complete once the ledger answers, or no time is left. */
    public CompletableFuture<Void> answer(Duration left) {
        return ledger.answer(left);
    }

    /**
     * What the session has cost as far as this request knows: at its last reservation, and by this
     * request since. Null where no session's cap applies, or nothing was reserved.
     */
    public synchronized @Nullable BigDecimal sessionCost() {
        return sessionCost;
    }

    private synchronized void know(BigDecimal spent) {
        sessionCost = spent;
    }

    private synchronized void spent(BigDecimal cost) {
        sessionCost = sessionCost == null ? cost : sessionCost.add(cost);
    }

    /** A reservation that stands in the ledger. */
    private final class Booking implements BudgetReservation {
        private final Reserve entry;

        Booking(Reserve entry) {
            this.entry = entry;
        }

        @Override
        public void settle(Cost cost) {
            BigDecimal sure = sure(cost, entry.projected());
            ledger.book(
                    sure == null
                            ? new Doubt(session, entry.id())
                            : new Settle(session, entry.id(), sure));
            spent(sure == null ? entry.projected() : sure);
        }

        @Override
        public void release() {
            ledger.book(new Settle(session, entry.id(), BigDecimal.ZERO));
        }
    }

    /** Null: it may turn out to be up to the projection, or more. */
    static @Nullable BigDecimal sure(Cost cost, BigDecimal projected) {
        return switch (cost.state()) {
            case FINAL, NOT_BILLABLE -> cost.amount();
            case ESTIMATED ->
                    cost.amount() != null && cost.amount().compareTo(projected) > 0
                            ? cost.amount()
                            : null;
            case UNKNOWN -> null;
        };
    }
}
