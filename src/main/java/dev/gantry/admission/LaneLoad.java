package dev.gantry.admission;

import dev.gantry.inference.LaneId;

import org.jspecify.annotations.Nullable;

/**
 * What this worker has to do with one lane now.
 *
 * @param underWay calls
 * @param waiting requests in line that would take this lane; one may stand in several lines
 * @param window calls that may be under way at once; null: as many as there are slots
 * @param perSecond calls that may go out; null while the lane has shown no limit
 */
public record LaneLoad(
        LaneId lane,
        int underWay,
        int waiting,
        @Nullable Integer window,
        @Nullable Double perSecond) {}
