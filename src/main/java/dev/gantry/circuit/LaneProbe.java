package dev.gantry.circuit;

import dev.gantry.circuit.ProbeDesk.Ticket;
import dev.gantry.inference.LaneId;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** The tickets that one call travels on: its lane's, its instance's, or both. */
final class LaneProbe implements Probe {
    private final LaneId lane;
    private final List<Ticket> tickets;
    private final Reports reports;
    private final AtomicBoolean closed = new AtomicBoolean();

    LaneProbe(LaneId lane, List<Ticket> tickets, Reports reports) {
        this.lane = lane;
        this.tickets = tickets;
        this.reports = reports;
    }

    @Override
    public LaneId lane() {
        return lane;
    }

    @Override
    public void succeeded() {
        if (closed.compareAndSet(false, true)) {
            reports.proved(tickets);
        }
    }

    @Override
    public void failed(Trouble trouble) {
        if (closed.compareAndSet(false, true)) {
            reports.disproved(lane, tickets, trouble);
        }
    }

    @Override
    public void ignored() {
        if (closed.compareAndSet(false, true)) {
            reports.released(tickets);
        }
    }
}
