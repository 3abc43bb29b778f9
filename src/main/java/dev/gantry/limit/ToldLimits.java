package dev.gantry.limit;

import dev.gantry.inference.LaneId;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Whoever wants to know what answers say of their lanes' limits. */
@FunctionalInterface
public interface ToldLimits {
    /**
     * An answer of this lane has come. Never blocks.
     *
     * @param told what its headers say; not empty
     */
    void told(LaneId lane, List<ToldLimit> told);

    /**
     * The same of the headers themselves, which mostly say nothing.
     *
     * @param vendor see {@link LimitHeaders#read}
     */
    default void heard(LaneId lane, String vendor, Map<String, String> headers, Instant now) {
        List<ToldLimit> told = LimitHeaders.read(headers, vendor, now);
        if (!told.isEmpty()) {
            told(lane, told);
        }
    }
}
