package dev.gantry.circuit.state;

import dev.gantry.inference.LaneId;

/**
 * Where a lane belongs, so that what cools reaches far enough.
 *
 * @param account instances with one account share its billing; unique per instance where none is
 *     configured
 * @param key where its instance's key comes from
 */
public record ScopeMembership(LaneId lane, String account, QuotaScope quotaScope, KeySource key) {
    /** Of an instance whose key is configured. */
    public ScopeMembership(LaneId lane, String account, QuotaScope quotaScope) {
        this(lane, account, quotaScope, KeySource.CONFIGURED);
    }

    /** Whether one worker may have another key than the next. */
    public enum KeySource {
        CONFIGURED,
        /** Read again when it changes: not by all workers at one moment. */
        FILE
    }
}
