package dev.gantry.simulator;

import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;

/** Running sums of calls; guarded by the ledger's lock. */
final class RunningTotals {
    private final Map<Call.Disposition, Long> dispositions = new EnumMap<>(Call.Disposition.class);
    private final Map<Integer, Long> statuses = new TreeMap<>();
    private long billed;
    private BilledTokens tokens = BilledTokens.NONE;

    void add(Call call) {
        count(call, 1);
        tokens = tokens.plus(call.tokens());
    }

    void remove(Call call) {
        count(call, -1);
        tokens = tokens.minus(call.tokens());
    }

    void addAll(RunningTotals more) {
        more.dispositions.forEach((key, count) -> dispositions.merge(key, count, Long::sum));
        more.statuses.forEach((key, count) -> statuses.merge(key, count, Long::sum));
        billed += more.billed;
        tokens = tokens.plus(more.tokens);
    }

    private void count(Call call, long step) {
        dispositions.merge(call.disposition(), step, RunningTotals::sum);
        statuses.merge(call.status(), step, RunningTotals::sum);
        billed += call.billed() ? step : 0;
    }

    /** Null takes an entry that came to nothing out of the map. */
    @SuppressWarnings("NullAway") // Map.merge takes null as "remove", its stub does not know
    private static Long sum(Long before, Long step) {
        return before + step == 0 ? null : before + step;
    }

    Totals totals() {
        long calls = dispositions.values().stream().mapToLong(Long::longValue).sum();
        return new Totals(calls, dispositions, statuses, billed, tokens);
    }
}
