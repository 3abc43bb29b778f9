package dev.gantry.circuit;

import dev.gantry.circuit.Event.Disproved;
import dev.gantry.circuit.Event.Proved;
import dev.gantry.circuit.Event.Released;
import dev.gantry.circuit.Event.Tripped;
import dev.gantry.circuit.ProbeDesk.Ticket;
import dev.gantry.inference.LaneId;

import java.time.Instant;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.random.RandomGenerator;

/** Turns what came of calls into what moves circuits; memory only. */
final class Reports {
    private final CircuitBook book;
    private final Roster roster;
    private final FleetClock clock;
    private final String worker;
    private final RandomGenerator random;
    private final Runnable urgent;

    /** Lanes that may have failures to report; one may be named twice. */
    private final Queue<LaneView> failing = new ConcurrentLinkedQueue<>();

    Reports(
            CircuitBook book,
            Roster roster,
            FleetClock clock,
            String worker,
            RandomGenerator random,
            Runnable urgent) {
        this.book = book;
        this.roster = roster;
        this.clock = clock;
        this.worker = worker;
        this.random = random;
        this.urgent = urgent;
    }

    /** Moves circuits by what has failed; returns the nanoseconds until more may be reported. */
    long collect() {
        long rest = Long.MAX_VALUE;
        for (int left = failing.size(); left > 0; left--) {
            LaneView lane = failing.remove();
            long nanos = clock.nanos();
            if (lane.rest(nanos) > 0) {
                rest = Math.min(rest, lane.rest(nanos));
                failing.add(lane);
            } else {
                report(lane, nanos);
            }
        }
        return rest;
    }

    private void report(LaneView lane, long nanos) {
        Event.Counted failures = lane.report(nanos);
        if (failures != null) {
            book.apply(List.of(lane.own()), failures);
        }
    }

    void called(LaneId lane) {
        book.lane(lane).called(clock.nanos());
    }

    void failed(LaneId lane, Instant began, Trouble trouble) {
        switch (Weight.of(trouble.kind())) {
            case NOTHING -> {}
            case ONE_HIT -> trip(lane, began, trouble);
            case COUNTED -> {
                LaneView view = book.lane(lane);
                if (view.failed(clock.now(), began, setback(trouble))) {
                    failing.add(view);
                    urgent.run();
                }
            }
        }
    }

    void proved(List<Ticket> tickets) {
        for (Ticket ticket : tickets) {
            book.apply(List.of(ticket.key()), new Proved(clock.now(), ticket.lease()));
        }
        urgent.run();
    }

    /**
     * A failure of the probed circuit's own reach keeps it open. One that benches more, or less,
     * goes where it belongs: an unknown model proves the key, a dead key says nothing of the model.
     */
    void disproved(LaneId lane, List<Ticket> tickets, Trouble trouble) {
        switch (Weight.of(trouble.kind())) {
            case NOTHING -> released(tickets);
            case COUNTED -> countedOf(lane, tickets, trouble);
            case ONE_HIT -> {
                List<CircuitKey> reached = roster.reached(lane, trouble);
                tickets.forEach(ticket -> judge(ticket, reached, trouble));
                trip(lane, clock.now(), trouble);
            }
        }
        urgent.run();
    }

    /** It is the lane's alone: of the instance it says nothing, and another lane may probe it. */
    private void countedOf(LaneId lane, List<Ticket> tickets, Trouble trouble) {
        boolean laneProbed = false;
        for (Ticket ticket : tickets) {
            if (ticket.key().ofInstance()) {
                released(List.of(ticket));
            } else {
                disproved(ticket, trouble);
                laneProbed = true;
            }
        }
        if (!laneProbed) {
            failed(lane, clock.now(), trouble);
        }
    }

    void released(List<Ticket> tickets) {
        for (Ticket ticket : tickets) {
            book.apply(List.of(ticket.key()), new Released(clock.now(), ticket.lease()));
        }
        urgent.run();
    }

    private void judge(Ticket ticket, List<CircuitKey> reached, Trouble trouble) {
        if (reached.contains(ticket.key())) {
            disproved(ticket, trouble);
        } else if (ticket.key().ofInstance()) {
            proved(List.of(ticket));
        } else {
            released(List.of(ticket));
        }
    }

    private void disproved(Ticket ticket, Trouble trouble) {
        Event event = new Disproved(clock.now(), ticket.lease(), setback(trouble));
        book.apply(List.of(ticket.key()), event);
    }

    private void trip(LaneId lane, Instant began, Trouble trouble) {
        Event event = new Tripped(clock.now(), began, setback(trouble));
        if (book.apply(roster.reached(lane, trouble), event)) {
            urgent.run();
        }
    }

    private Setback setback(Trouble trouble) {
        Cause cause = new Cause(trouble.kind(), trouble.reason(), worker);
        return new Setback(cause, trouble.retryAfter(), random.nextDouble(-1, 1));
    }
}
