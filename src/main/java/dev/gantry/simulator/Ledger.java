package dev.gantry.simulator;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Every call that a simulated provider served, and what it would bill. All state is guarded by this
 * object's lock. The sums count every call; the list stops at its limit, and says so.
 */
public final class Ledger {
    private static final Logger log = LoggerFactory.getLogger(Ledger.class);

    private static final int USUAL_LIMIT = 1_000_000;

    /** An entry takes about 250 bytes, so a full list takes a quarter of a small heap. */
    private static final int HEAP_BYTES_PER_ENTRY = 1024;

    /** Names come from requests; past so many of them the rest is summed as one. */
    private static final int MOST_NAMES = 1000;

    private static final String OTHERS = "(other)";
    private static final String NO_KEY = "(none)";

    private final int limit;
    private final List<Call> calls = new ArrayList<>();
    private final Map<String, RunningTotals> models = new HashMap<>();
    private final Map<String, RunningTotals> keys = new HashMap<>();
    private long notKept;
    private long begun;
    private int underWay;
    private int mostUnderWay;

    /** Grows with each reset, so that a call from before it is not amended after it. */
    private int epoch;

    /**
     * @param limit entries kept; 0 keeps sums only
     */
    Ledger(int limit) {
        this.limit = limit;
    }

    /** A million, or less in a small heap. */
    static int usualLimit() {
        long fitting = Runtime.getRuntime().maxMemory() / HEAP_BYTES_PER_ENTRY;
        return (int) Math.min(USUAL_LIMIT, fitting);
    }

    /** The calls that have ended, in that order; those past the limit are missing. */
    public synchronized List<Call> calls() {
        return List.copyOf(calls);
    }

    /** The calls of one attempt; more than one if its client sent it again. */
    public synchronized List<Call> calls(String attemptId) {
        return calls.stream().filter(call -> attemptId.equals(call.attemptId())).toList();
    }

    /** How many calls have ended that the list has no room for. */
    public synchronized long notKept() {
        return notKept;
    }

    /** Calls that have come, whether they have ended or not. */
    public synchronized long begun() {
        return begun;
    }

    public synchronized int underWay() {
        return underWay;
    }

    /** The most calls that were under way at once. */
    public synchronized int mostUnderWay() {
        return mostUnderWay;
    }

    public synchronized Totals totals() {
        var all = new RunningTotals();
        models.values().forEach(all::addAll);
        return all.totals();
    }

    /** The sums by model. */
    public synchronized Map<String, Totals> totalsByModel() {
        return totals(models);
    }

    /** The sums by the last characters of the API key. */
    public synchronized Map<String, Totals> totalsByKey() {
        return totals(keys);
    }

    private static Map<String, Totals> totals(Map<String, RunningTotals> all) {
        Map<String, Totals> totals = new TreeMap<>();
        all.forEach((name, sums) -> totals.put(name, sums.totals()));
        return totals;
    }

    /** Waits until no call is under way; false if the limit comes first. */
    public boolean awaitQuiet(Duration atMost) throws InterruptedException {
        return awaitUnderWay(0, 0, atMost);
    }

    /** Waits until at least so many calls are under way; false if the limit comes first. */
    public boolean awaitUnderWay(int calls, Duration atMost) throws InterruptedException {
        return awaitUnderWay(calls, Integer.MAX_VALUE, atMost);
    }

    private synchronized boolean awaitUnderWay(int least, int most, Duration atMost)
            throws InterruptedException {
        long end = System.nanoTime() + atMost.toNanos();
        long left = atMost.toMillis();
        while ((underWay < least || underWay > most) && left > 0) {
            wait(left);
            left = (end - System.nanoTime()) / 1_000_000;
        }
        return underWay >= least && underWay <= most;
    }

    synchronized void begin() {
        begun++;
        underWay++;
        mostUnderWay = Math.max(mostUnderWay, underWay);
        notifyAll();
    }

    synchronized void end() {
        underWay--;
        notifyAll();
    }

    synchronized Receipt settle(Call call) {
        sums(models, call.model()).add(call);
        sums(keys, key(call)).add(call);
        if (calls.size() < limit) {
            calls.add(call);
            return new Receipt(epoch, calls.size() - 1, call);
        }
        if (notKept++ == 0 && limit > 0) {
            log.atWarn().addKeyValue("kept", limit).log("ledger full: from here on only sums");
        }
        return new Receipt(epoch, -1, call);
    }

    /** Replaces an entry that turned out otherwise. */
    synchronized void amend(Receipt receipt, Call call) {
        if (receipt.epoch != epoch) {
            return;
        }
        for (RunningTotals sums :
                List.of(sums(models, call.model()), sums(keys, key(receipt.call)))) {
            sums.remove(receipt.call);
            sums.add(call);
        }
        if (receipt.slot >= 0) {
            calls.set(receipt.slot, call);
        }
    }

    /** Forgets every ended call. */
    synchronized void reset() {
        epoch++;
        calls.clear();
        models.clear();
        keys.clear();
        notKept = 0;
        begun = underWay;
        mostUnderWay = underWay;
    }

    private static String key(Call call) {
        String key = call.key();
        return key == null ? NO_KEY : key;
    }

    private static RunningTotals sums(Map<String, RunningTotals> all, String name) {
        RunningTotals known = all.get(name);
        if (known != null) {
            return known;
        }
        return all.computeIfAbsent(
                all.size() < MOST_NAMES ? name : OTHERS, _ -> new RunningTotals());
    }

    /** Where a settled call stands. */
    record Receipt(int epoch, int slot, Call call) {}
}
