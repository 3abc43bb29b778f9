package dev.gantry.worker;

import dev.gantry.inference.Cancellation;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.RequestId;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * One record on its way through the worker: what health pages show of it, and how it is given up.
 */
public final class RequestHandle {
    private final Cancellation cancellation = new Cancellation();

    /** Written by the request's own thread, read by health pages. */
    private volatile @Nullable RequestId requestId;

    /** Of the calls under way, in the order in which they began; written under this. */
    private volatile List<LaneId> lanes = List.of();

    public Cancellation cancellation() {
        return cancellation;
    }

    public void identified(RequestId id) {
        requestId = id;
    }

    /** A call to this lane is under way, maybe beside another one. */
    public synchronized void calling(LaneId lane) {
        lanes = lanes.isEmpty() ? List.of(lane) : List.of(lanes.getFirst(), lane);
    }

    /** That call is over. */
    public synchronized void ended(LaneId lane) {
        lanes =
                lanes.size() < 2
                        ? List.of()
                        : List.of(
                                lanes.getFirst().equals(lane) ? lanes.getLast() : lanes.getFirst());
    }

    public @Nullable RequestId requestId() {
        return requestId;
    }

    /** Where the call goes that has been under way longest; null: none is. */
    public @Nullable LaneId lane() {
        List<LaneId> current = lanes;
        return current.isEmpty() ? null : current.getFirst();
    }
}
