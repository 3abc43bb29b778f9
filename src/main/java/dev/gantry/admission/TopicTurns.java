package dev.gantry.admission;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;

/**
 * Whose turn it is of several topics that want the same: deficit round robin. A topic's turn lasts
 * until it has used the tokens that it has; once nobody who could be served has any left, each of
 * them is given some in proportion to its share. Whoever cannot be served is passed over and is
 * given nothing, so that nothing lies idle; a topic that nobody waits in leaves the round, and with
 * it what it had or owed.
 */
final class TopicTurns {
    /**
     * For a share of 1 and a round: small, so that small requests need not wait for many others.
     */
    static final long QUANTUM = 100;

    /** What one request can cost at most. */
    static final long MOST = 200_000;

    private final ToIntFunction<String> shares;

    /** Tokens by topic, in the order of the round. */
    private final Map<String, Long> credit = new LinkedHashMap<>();

    TopicTurns(ToIntFunction<String> shares) {
        this.shares = shares;
    }

    /** Somebody waits in it; nothing changes for one that is in the round. */
    void join(String topic) {
        credit.computeIfAbsent(topic, this::quantum);
    }

    /** Nobody waits in it any more. */
    void leave(String topic) {
        credit.remove(topic);
    }

    boolean several() {
        return credit.size() > 1;
    }

    /**
     * The topic whose turn it is; the same until it is charged.
     *
     * @param able of those in the round that could be served now
     * @return null: none can
     */
    @Nullable String next(Predicate<String> able) {
        String turn = first(able);
        if (turn == null) {
            giveTo(able);
            turn = first(able);
        }
        return turn;
    }

    private @Nullable String first(Predicate<String> able) {
        for (Map.Entry<String, Long> each : credit.entrySet()) {
            if (each.getValue() > 0 && able.test(each.getKey())) {
                return each.getKey();
            }
        }
        return null;
    }

    /** As many rounds at once as it takes until one of them has something. */
    private void giveTo(Predicate<String> able) {
        long rounds = Long.MAX_VALUE;
        for (Map.Entry<String, Long> each : credit.entrySet()) {
            if (able.test(each.getKey())) {
                rounds = Math.min(rounds, -each.getValue() / quantum(each.getKey()) + 1);
            }
        }
        for (Map.Entry<String, Long> each : credit.entrySet()) {
            if (able.test(each.getKey())) {
                each.setValue(each.getValue() + rounds * quantum(each.getKey()));
            }
        }
    }

    /** It was served; alone, it owes nobody. */
    void charge(String topic, long tokens) {
        if (several()) {
            long cost = Math.clamp(tokens, 1, MOST);
            credit.computeIfPresent(topic, (_, left) -> left - cost);
        }
    }

    private long quantum(String topic) {
        return QUANTUM * Math.max(1, shares.applyAsInt(topic));
    }
}
