package dev.gantry.budget;

import dev.gantry.inference.Caps.OnExceed;
import dev.gantry.metering.Money;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;

/**
 * A cap that a call would pass, or that cannot be held because nobody knows what the call may cost.
 *
 * @param kind {@code per_call_usd}, {@code session_usd}, {@code per_day_usd} or {@code
 *     price_unknown}
 * @param limit the cap, in US dollars
 * @param projected what the call may cost; null: not known
 * @param session what its session, or its topic's day, has spent or set aside already; null: it was
 *     not asked
 * @param day that is capped; null: another cap
 * @param onExceed what follows
 */
public record Exceeded(
        String kind,
        BigDecimal limit,
        @Nullable BigDecimal projected,
        @Nullable BigDecimal session,
        @Nullable TopicDay day,
        OnExceed onExceed) {
    static final String PRICE_UNKNOWN = "price_unknown";

    /** The same of a call that the request goes on without. */
    public Exceeded skipping() {
        return new Exceeded(kind, limit, projected, session, day, OnExceed.SKIP);
    }

    /** In words that are our own. */
    public String message() {
        if (projected == null) {
            return PRICE_UNKNOWN
                    + ": what a call may cost is not known, and the cap is %s USD"
                            .formatted(Money.text(limit));
        }
        String already =
                session == null
                        ? ""
                        : " on top of the %s USD of %s"
                                .formatted(Money.text(session), day == null ? "its session" : day);
        return "%s %s: a call may cost %s USD%s%s"
                .formatted(
                        kind,
                        Money.text(limit),
                        Money.text(projected),
                        already,
                        day == null ? "" : "; it resets at " + day.resets());
    }
}
