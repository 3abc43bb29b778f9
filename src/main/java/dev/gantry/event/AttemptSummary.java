package dev.gantry.event;

import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptError;
import dev.gantry.inference.AttemptUse;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.MeterOutcome;
import dev.gantry.metering.Cost;
import dev.gantry.metering.MeterReading;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A request's attempts as its result lists them: repeated refusals of a lane folded, at most 20.
 *
 * @param entries in the order of dispatch
 * @param cost of all attempts, listed or not; null when any of them is unknown
 * @param state how far that can be relied on
 */
public record AttemptSummary(List<Entry> entries, @Nullable BigDecimal cost, Cost.State state) {
    private static final int LISTED = 20;

    public static final AttemptSummary NONE =
            new AttemptSummary(List.of(), BigDecimal.ZERO, Cost.State.NOT_BILLABLE);

    /**
     * One attempt, or several refusals of one lane.
     *
     * @param first the attempt that gives the entry its index
     * @param last the one that gives it its error
     * @param outcome as the meter has it
     * @param took all of them together
     */
    record Entry(
            Attempt first,
            Attempt last,
            MeterOutcome outcome,
            Duration took,
            Cost cost,
            int count) {
        Entry plus(Attempt again) {
            return new Entry(first, again, outcome, took.plus(again.took()), cost, count + 1);
        }
    }

    /** An attempt and its reading. */
    public record Metered(Attempt attempt, MeterReading reading) {}

    public static AttemptSummary of(List<Metered> attempts) {
        List<Entry> entries = folded(attempts);
        // The end of a long story says more than its beginning; a selected attempt is there.
        List<Entry> listed =
                entries.size() <= LISTED
                        ? entries
                        : entries.subList(entries.size() - LISTED, entries.size());
        BigDecimal sum = BigDecimal.ZERO;
        Cost.State state = Cost.State.NOT_BILLABLE;
        for (Metered each : attempts) {
            Cost cost = each.reading().bill().cost();
            state = weaker(state, cost.state());
            sum = cost.amount() == null ? sum : sum.add(cost.amount());
        }
        return new AttemptSummary(
                List.copyOf(listed), state == Cost.State.UNKNOWN ? null : sum, state);
    }

    private static List<Entry> folded(List<Metered> attempts) {
        if (attempts.size() == 1) {
            return List.of(entry(attempts.getFirst()));
        }
        Map<Refusal, Integer> places = new LinkedHashMap<>();
        List<Entry> entries = new ArrayList<>();
        for (Metered each : attempts) {
            AttemptError error = each.attempt().error();
            if (error == null || !refusal(each, error)) {
                entries.add(entry(each));
                continue;
            }
            Refusal refusal = new Refusal(each.attempt().lane(), error.kind());
            Integer place = places.putIfAbsent(refusal, entries.size());
            if (place == null) {
                entries.add(entry(each));
            } else {
                entries.set(place, entries.get(place).plus(each.attempt()));
            }
        }
        return entries;
    }

    private static Entry entry(Metered each) {
        Attempt attempt = each.attempt();
        Cost cost = each.reading().bill().cost();
        return new Entry(attempt, attempt, each.reading().outcome(), attempt.took(), cost, 1);
    }

    /** What cannot have been billed and uses no attempt (routing rules, section 2). */
    private static boolean refusal(Metered each, AttemptError error) {
        boolean kind = error.refusedConnection() || error.kind().rule().use() != AttemptUse.ATTEMPT;
        boolean lost = each.reading().outcome() == MeterOutcome.RACE_LOST;
        return kind && !lost && each.reading().bill().cost().state() == Cost.State.NOT_BILLABLE;
    }

    /** A sum is as reliable as its least reliable part. */
    private static Cost.State weaker(Cost.State one, Cost.State other) {
        return rank(one) >= rank(other) ? one : other;
    }

    private static int rank(Cost.State state) {
        return switch (state) {
            case NOT_BILLABLE -> 0;
            case FINAL -> 1;
            case ESTIMATED -> 2;
            case UNKNOWN -> 3;
        };
    }

    private record Refusal(LaneId lane, ErrorKind kind) {}
}
