package dev.gantry.circuit;

import dev.gantry.inference.LaneId;

/**
 * Where a lane belongs, so that what cools reaches far enough.
 *
 * @param account instances with one account share its billing; unique per instance where none is
 *     configured
 */
public record Membership(LaneId lane, String account, QuotaScope quotaScope) {}
