package dev.gantry.circuit;

import dev.gantry.circuit.ClaimedProbes.Claim;
import dev.gantry.circuit.state.LaneFailure;
import dev.gantry.inference.LaneId;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** The claims that one call travels on: its lane's, its instance's, or both. */
final class LaneProbe implements Probe {
    private final LaneId lane;
    private final List<Claim> claims;
    private final OutcomeReports outcomeReports;
    private final AtomicBoolean closed = new AtomicBoolean();

    LaneProbe(LaneId lane, List<Claim> claims, OutcomeReports outcomeReports) {
        this.lane = lane;
        this.claims = claims;
        this.outcomeReports = outcomeReports;
    }

    @Override
    public LaneId lane() {
        return lane;
    }

    @Override
    public void succeeded() {
        if (closed.compareAndSet(false, true)) {
            outcomeReports.proved(claims);
        }
    }

    @Override
    public void failed(LaneFailure failure) {
        if (closed.compareAndSet(false, true)) {
            outcomeReports.disproved(lane, claims, failure);
        }
    }

    @Override
    public void ignored() {
        if (closed.compareAndSet(false, true)) {
            outcomeReports.released(claims);
        }
    }
}
