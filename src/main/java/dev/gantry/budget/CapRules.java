package dev.gantry.budget;

import dev.gantry.inference.Caps;
import dev.gantry.inference.Caps.Cap;
import dev.gantry.inference.Caps.OnExceed;
import dev.gantry.inference.Caps.Scope;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * What caps say of a call. Pure. Every cap holds: of several that a call would pass, the strictest
 * decides, and of those the tightest is named.
 */
public final class CapRules {
    private static final Comparator<Cap> STRICTEST_FIRST =
            Comparator.comparing(Cap::onExceed).thenComparing(Cap::limit);

    private CapRules() {}

    /**
     * The call by itself; tested first.
     *
     * @param projected null: not known, which no cap lets pass
     * @return null: no cap is passed
     */
    public static @Nullable Exceeded call(Caps caps, @Nullable BigDecimal projected) {
        if (projected == null) {
            return caps.all().stream()
                    .min(Comparator.comparing(Cap::limit))
                    .map(CapRules::priceUnknown)
                    .orElse(null);
        }
        return passed(caps, Scope.CALL, projected)
                .map(cap -> exceeded(cap, projected, null, null))
                .findFirst()
                .orElse(null);
    }

    /**
     * The call on top of what it is counted with.
     *
     * @param scope of the caps
     * @param day of a topic; null: a session
     * @param total what has been spent or set aside without this call
     * @return null: no cap is passed
     */
    static @Nullable Exceeded total(
            Caps caps,
            Scope scope,
            @Nullable TopicDay day,
            BigDecimal projected,
            BigDecimal total) {
        return passed(caps, scope, total.add(projected))
                .map(cap -> exceeded(cap, projected, total, day))
                .findFirst()
                .orElse(null);
    }

    /** Beyond which nothing of the scope lets a call pass; null: none is refused. */
    static @Nullable BigDecimal limit(Caps caps, Scope scope) {
        return of(caps, scope)
                .filter(cap -> cap.onExceed() != OnExceed.WARN)
                .map(Cap::limit)
                .min(Comparator.naturalOrder())
                .orElse(null);
    }

    /** Whether there are caps of the scope. */
    static boolean capped(Caps caps, Scope scope) {
        return of(caps, scope).findAny().isPresent();
    }

    private static Stream<Cap> of(Caps caps, Scope scope) {
        return caps.all().stream().filter(cap -> cap.scope() == scope);
    }

    private static Stream<Cap> passed(Caps caps, Scope scope, BigDecimal amount) {
        return of(caps, scope)
                .filter(cap -> amount.compareTo(cap.limit()) > 0)
                .sorted(STRICTEST_FIRST);
    }

    private static Exceeded priceUnknown(Cap cap) {
        return new Exceeded(Exceeded.PRICE_UNKNOWN, cap.limit(), null, null, null, OnExceed.SKIP);
    }

    private static Exceeded exceeded(
            Cap cap, BigDecimal projected, @Nullable BigDecimal total, @Nullable TopicDay day) {
        return new Exceeded(
                cap.scope().label(), cap.limit(), projected, total, day, cap.onExceed());
    }
}
