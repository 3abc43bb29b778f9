package dev.gantry.circuit;

import dev.gantry.circuit.ClaimedProbes.Ticket;
import dev.gantry.circuit.state.LaneFailure;
import dev.gantry.inference.LaneId;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** The claims that one call travels on: its lane's, its instance's, or both. */
final class LaneProbe implements Probe {
    private final LaneId lane;
    private final List<Ticket> tickets;
    private final OutcomeReports outcomeReports;
    private final AtomicBoolean closed = new AtomicBoolean();

    LaneProbe(LaneId lane, List<Ticket> tickets, OutcomeReports outcomeReports) {
        this.lane = lane;
        this.tickets = tickets;
        this.outcomeReports = outcomeReports;
    }

    @Override
    public LaneId lane() {
        return lane;
    }

    @Override
    public void succeeded() {
        if (closed.compareAndSet(false, true)) {
            outcomeReports.proved(tickets);
        }
    }

    @Override
    public void failed(LaneFailure failure) {
        if (closed.compareAndSet(false, true)) {
            outcomeReports.disproved(lane, tickets, failure);
        }
    }

    @Override
    public void ignored() {
        if (closed.compareAndSet(false, true)) {
            outcomeReports.released(tickets);
        }
    }
}
