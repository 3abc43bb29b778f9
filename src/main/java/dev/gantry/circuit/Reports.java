package dev.gantry.circuit;

import dev.gantry.circuit.Event.Counted;
import dev.gantry.circuit.Event.Disproved;
import dev.gantry.circuit.Event.Proved;
import dev.gantry.circuit.Event.Released;
import dev.gantry.circuit.Event.Suspected;
import dev.gantry.circuit.Event.Tripped;
import dev.gantry.circuit.Event.Undone;
import dev.gantry.circuit.ProbeDesk.Ticket;
import dev.gantry.inference.LaneId;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.random.RandomGenerator;

/** Turns what came of calls into what moves circuits; memory only. */
final class Reports {
    private final CircuitBook book;
    private final CircuitSettings settings;
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
        this.settings = book.settings();
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
        Counted failures = lane.report(nanos);
        if (failures == null) {
            return;
        }
        boolean opened = book.applyOwn(List.of(lane.own()), failures) && open(lane.own());
        if (opened || failures.batch().suspicious()) {
            suspect(lane.own(), failures, opened);
        }
    }

    private boolean open(CircuitKey key) {
        return book.own(key).phase() instanceof Phase.Open;
    }

    private void suspect(CircuitKey key, Counted failures, boolean own) {
        Event event =
                new Suspected(
                        failures.at(), failures.began(), failures.batch(), failures.setback(), own);
        book.apply(List.of(key), event);
    }

    void called(LaneId lane) {
        book.lane(lane).called(clock.nanos());
    }

    void answered(LaneId lane) {
        book.lane(lane).answered(clock.nanos());
    }

    /** What it opened for the fleet; null: nothing. */
    @Nullable Opening failed(LaneId lane, Instant began, Trouble told) {
        Trouble trouble = roster.judged(lane, told);
        switch (Weight.of(trouble)) {
            case NOTHING -> {}
            case ONE_HIT -> {
                return trip(lane, began, trouble);
            }
            case PACE -> refused(lane, began, trouble);
            case SUSPECTED -> denied(lane, began, trouble);
            case COUNTED -> {
                LaneView view = book.lane(lane);
                if (view.failed(clock.now(), began, setback(trouble))) {
                    failing.add(view);
                    urgent.run();
                }
            }
        }
        return null;
    }

    /** A limit that names no time: the pace is lowered elsewhere, and here the lane may rest. */
    private void refused(LaneId lane, Instant began, Trouble trouble) {
        boolean dominant =
                book.lane(lane).recent().refused(clock.nanos(), settings.failureThreshold());
        if (dominant) {
            Event event = new Tripped(clock.now(), began, setback(trouble));
            book.applyOwn(roster.reached(lane, trouble), event);
        }
    }

    /** The key here may be older than the others' keys. */
    private void denied(LaneId lane, Instant began, Trouble trouble) {
        book.lane(lane).recent().denied(clock.nanos());
        Setback setback = setback(trouble);
        Instant now = clock.now();
        for (CircuitKey key : roster.reached(lane, trouble)) {
            if (book.applyOwn(List.of(key), new Tripped(now, began, setback))) {
                suspect(key, new Counted(now, began, new Tally.Batch(0, 1, 0), setback), true);
            }
        }
        urgent.run();
    }

    void undo(Opening opening) {
        if (book.apply(opening.keys(), new Undone(clock.now(), opening.at()))) {
            urgent.run();
        }
    }

    void proved(List<Ticket> tickets) {
        for (Ticket ticket : tickets) {
            apply(ticket, new Proved(clock.now(), ticket.lease()));
        }
        urgent.run();
    }

    /**
     * A failure of the probed circuit's own reach keeps it open. One that benches more, or less,
     * goes where it belongs: an unknown model proves the key, a dead key says nothing of the model.
     */
    void disproved(LaneId lane, List<Ticket> tickets, Trouble trouble) {
        switch (Weight.of(trouble)) {
            case NOTHING -> released(tickets);
            case COUNTED -> countedOf(lane, tickets, trouble);
            case ONE_HIT, PACE, SUSPECTED -> {
                List<CircuitKey> reached = roster.reached(lane, trouble);
                tickets.forEach(ticket -> judge(ticket, reached, trouble));
                failed(lane, clock.now(), trouble);
            }
        }
        urgent.run();
    }

    private boolean apply(Ticket ticket, Event event) {
        List<CircuitKey> key = List.of(ticket.key());
        return switch (ticket.holder()) {
            case FLEET -> book.apply(key, event);
            case WORKER -> book.applyOwn(key, event);
        };
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
            apply(ticket, new Released(clock.now(), ticket.lease()));
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
        Instant now = clock.now();
        Setback setback = setback(trouble);
        boolean own = ticket.holder() == ProbeDesk.Holder.WORKER;
        if (apply(ticket, new Disproved(now, ticket.lease(), setback))
                && own
                && trouble.counted()) {
            // The others may see it by now.
            suspect(ticket.key(), new Counted(now, now, new Tally.Batch(0, 1, 0), setback), true);
        }
    }

    private @Nullable Opening trip(LaneId lane, Instant began, Trouble trouble) {
        Instant now = clock.now();
        List<CircuitKey> reached = roster.reached(lane, trouble);
        if (!book.apply(reached, new Tripped(now, began, setback(trouble)))) {
            return null;
        }
        urgent.run();
        return new Opening(reached, now);
    }

    private Setback setback(Trouble trouble) {
        Cause cause = new Cause(trouble.kind(), trouble.reason(), worker);
        return new Setback(cause, trouble.retryAfter(), random.nextDouble(-1, 1));
    }
}
