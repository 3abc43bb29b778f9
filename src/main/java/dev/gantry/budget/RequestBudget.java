package dev.gantry.budget;

import static java.util.Objects.requireNonNull;

import dev.gantry.budget.BudgetEntry.Doubt;
import dev.gantry.budget.BudgetEntry.Reserve;
import dev.gantry.budget.BudgetEntry.Settle;
import dev.gantry.inference.AttemptId;
import dev.gantry.inference.Cancellation;
import dev.gantry.inference.Caps;
import dev.gantry.inference.Caps.OnExceed;
import dev.gantry.inference.Caps.Scope;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.metering.Cost;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One request's caps, and its session and its topic's day in the ledger. It outlives a wait, so it
 * keeps no body; two calls of the request may use it at once.
 */
public final class RequestBudget {
    private final Caps caps;
    private final SessionKey session;
    private final String topic;
    private final BudgetLedger ledger;
    private final InstantSource clock;

    /** A reservation of an attempt that was given up is another than that of its next try. */
    private final AtomicInteger tries = new AtomicInteger();

    /** What the session had spent at the last reservation, and this request since; guarded. */
    private @Nullable BigDecimal sessionCost;

    private RequestBudget(
            Caps caps, SessionKey session, String topic, BudgetLedger ledger, InstantSource clock) {
        this.caps = caps;
        this.session = session;
        this.topic = topic;
        this.ledger = ledger;
        this.clock = clock;
    }

    /**
     * The request's own caps, among them its topic's, and those that its policy adds.
     *
     * @param more {@link Caps#NONE}: none
     */
    public static RequestBudget of(
            InferenceRequest request, Caps more, BudgetLedger ledger, InstantSource clock) {
        Caps all = request.options().caps().and(more);
        return new RequestBudget(
                all,
                all.none() ? SessionKey.NONE : SessionKey.of(request),
                request.source().topic(),
                ledger,
                clock);
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
        List<Account> accounts = projected == null ? List.of() : accounts();
        if (projected == null || accounts.isEmpty()) {
            return new Verdict.Granted(BudgetReservation.NONE, warned);
        }
        if (!ledger.answers()) {
            return new Verdict.Unanswered();
        }
        var booking = new Booking(attempt.value() + "/" + tries.incrementAndGet(), projected);
        try {
            for (Account each : accounts) {
                Verdict no = booking.without(each, left, cancellation, warned);
                if (no != null) {
                    booking.release();
                    return no;
                }
            }
        } catch (InterruptedException e) {
            booking.release();
            throw e;
        }
        return new Verdict.Granted(booking, warned);
    }

    /** Of its topic's day first: with nothing left there, nothing is asked of the session. */
    private List<Account> accounts() {
        List<Account> accounts = new ArrayList<>(2);
        if (CapRules.capped(caps, Scope.TOPIC_DAY)) {
            TopicDay day = TopicDay.of(topic, clock.instant());
            accounts.add(new Account(Scope.TOPIC_DAY, SessionKey.of(day), day));
        }
        if (CapRules.capped(caps, Scope.SESSION)) {
            accounts.add(new Account(Scope.SESSION, session, null));
        }
        return accounts;
    }

    /**
     * What a call is counted with, beside others.
     *
     * @param day of a topic; null: a session
     */
    private record Account(Scope scope, SessionKey key, @Nullable TopicDay day) {
        Reserve reserve(String id, BigDecimal projected, Caps caps) {
            String own = day == null ? id : id + "/day";
            return new Reserve(key, own, projected, CapRules.limit(caps, scope));
        }

        @Nullable Exceeded exceeded(BigDecimal projected, Booked booked, Caps caps) {
            return CapRules.total(caps, scope, day, projected, booked.total());
        }
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

    private synchronized void know(Account account, Booked booked) {
        if (account.scope() == Scope.SESSION) {
            sessionCost = booked.spent();
        }
    }

    private synchronized void spent(BigDecimal cost) {
        if (CapRules.capped(caps, Scope.SESSION)) {
            sessionCost = sessionCost == null ? cost : sessionCost.add(cost);
        }
    }

    /** A call's reservations that stand in the ledger, all of one projection. */
    private final class Booking implements BudgetReservation {
        private final String id;
        private final BigDecimal projected;
        private final List<Reserve> entries = new ArrayList<>(2);

        Booking(String id, BigDecimal projected) {
            this.id = id;
            this.projected = projected;
        }

        /** Null: the account has let it pass. */
        @Nullable Verdict without(
                Account account, Duration left, Cancellation cancellation, List<Exceeded> warned)
                throws InterruptedException {
            Reserve entry = account.reserve(id, projected, caps);
            Optional<Booked> booked = ledger.reserve(entry, left, cancellation);
            if (booked.isEmpty()) {
                return new Verdict.Unanswered();
            }
            know(account, booked.get());
            Exceeded exceeded = account.exceeded(projected, booked.get(), caps);
            if (!booked.get().granted()) {
                return new Verdict.Refused(
                        requireNonNull(exceeded, () -> "refused below the cap: " + booked));
            }
            entries.add(entry);
            if (exceeded != null) {
                warned.add(exceeded);
            }
            return null;
        }

        @Override
        public void settle(Cost cost) {
            BigDecimal sure = sure(cost, projected);
            for (Reserve each : entries) {
                ledger.book(
                        sure == null
                                ? new Doubt(each.session(), each.id())
                                : new Settle(each.session(), each.id(), sure));
            }
            spent(sure == null ? projected : sure);
        }

        @Override
        public void release() {
            entries.forEach(
                    each -> ledger.book(new Settle(each.session(), each.id(), BigDecimal.ZERO)));
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
