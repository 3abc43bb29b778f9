package dev.gantry.limit;

import dev.gantry.inference.LaneId;

import java.util.List;

/** Whoever wants to know what answers say of their lanes' limits. */
@FunctionalInterface
public interface ToldLimits {
    /**
     * An answer of this lane has come. Never blocks.
     *
     * @param told what its headers say; seldom empty
     */
    void told(LaneId lane, List<ToldLimit> told);
}
