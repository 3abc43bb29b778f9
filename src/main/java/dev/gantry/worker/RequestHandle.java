package dev.gantry.worker;

import dev.gantry.inference.Cancellation;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.RequestId;

import org.jspecify.annotations.Nullable;

/**
 * One record on its way through the worker: what health pages show of it, and how it is given up.
 */
public final class RequestHandle {
    private final Cancellation cancellation = new Cancellation();

    /** Written by the request's own thread, read by health pages. */
    private volatile @Nullable RequestId requestId;

    private volatile @Nullable LaneId lane;

    public Cancellation cancellation() {
        return cancellation;
    }

    public void identified(RequestId id) {
        requestId = id;
    }

    /** A call to this lane is under way, or none. */
    public void calling(@Nullable LaneId current) {
        lane = current;
    }

    public @Nullable RequestId requestId() {
        return requestId;
    }

    public @Nullable LaneId lane() {
        return lane;
    }
}
