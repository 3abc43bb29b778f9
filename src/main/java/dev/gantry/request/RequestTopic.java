package dev.gantry.request;

import dev.gantry.inference.Allowance;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/**
 * One topic that requests come from, and what holds for all of them.
 *
 * @param share of the slots and of each lane's queue, against the shares of other topics; at least
 *     1
 * @param maxInFlight requests of this topic that hold a slot; null: as many as the worker has
 * @param perDayUsd what its calls may cost in a day of UTC, in the whole fleet; null: no bound
 */
public record RequestTopic(
        String name,
        int share,
        @Nullable Integer maxInFlight,
        Stamp stamp,
        Allowance allowance,
        @Nullable BigDecimal perDayUsd) {
    /** One of which nothing is said but its name. */
    public static RequestTopic plain(String name) {
        return new RequestTopic(name, 1, null, Stamp.NONE, Allowance.ALL, null);
    }

    /** What is said of it, for people. */
    @Override
    public String toString() {
        List<String> said = new ArrayList<>(List.of("topic " + name + ": share " + share));
        if (maxInFlight != null) {
            said.add("at most %d in flight".formatted(maxInFlight));
        }
        if (!stamp.empty()) {
            said.add("stamps " + stamp);
        }
        if (allowance.boundsLanes()) {
            said.add("allows " + allowance.lanes());
        }
        if (!allowance.policies().isEmpty()) {
            said.add("allows policies " + String.join(", ", allowance.policies()));
        }
        if (perDayUsd != null) {
            said.add("%s USD a day".formatted(perDayUsd.toPlainString()));
        }
        return String.join("; ", said);
    }
}
