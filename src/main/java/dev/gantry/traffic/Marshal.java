package dev.gantry.traffic;

import dev.gantry.circuit.Circuits;
import dev.gantry.circuit.Probe;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** Decides who goes next. Guarded by the lock of the traffic, and never waits. */
final class Marshal {
    /** How many in line are looked at for one that may carry a probe. */
    private static final int PROBE_SEARCH = 200;

    private final Admission admission;
    private final Circuits circuits;
    private final InstantSource clock;
    private final Lines lines = new Lines();

    /** What is to run once the lock is free. */
    private List<Runnable> due = new ArrayList<>();

    Marshal(Admission admission, Circuits circuits, InstantSource clock) {
        this.admission = admission;
        this.circuits = circuits;
        this.clock = clock;
    }

    /** The request is done with calling. A probe that was not made is told so. */
    void giveBack(Permit permit, long now) {
        if (permit.probe() != null) {
            due.add(permit.probe()::ignored);
        }
        pumpFrom(admission.settle(permit, now), now);
        freeSlot(now);
    }

    /** A place of this lane is free. Where its provider had its share, whose turn is it? */
    private void pumpFrom(LaneTraffic lane, long now) {
        if (admission.shared(lane)) {
            pumpAll(now);
        } else {
            pump(lane, now);
        }
    }

    /** A call has ended; its slot stays with the request. */
    void told(Permit permit, Told told, long now) {
        LaneTraffic lane = admission.settle(permit, now);
        switch (told) {
            case ANSWERED -> lane.pace.answered(permit.grantedNanos(), now);
            case REFUSED -> lane.pace.refused(permit.grantedNanos(), now);
            case SLOWED -> lane.pace.slowed(permit.grantedNanos(), now);
            case STRAINED -> lane.pace.strained();
            case NOTHING -> {}
        }
        pumpFrom(lane, now);
    }

    /** What is to run now that the lock is about to be free. */
    List<Runnable> takeDue() {
        if (due.isEmpty()) {
            return List.of();
        }
        List<Runnable> taken = due;
        due = new ArrayList<>();
        return taken;
    }

    /** Runs once the wait is over. */
    void whenOver(Waiter waiter, Runnable then) {
        if (waiter.over) {
            due.add(then);
        } else {
            waiter.then = then;
        }
    }

    @Nullable Permit take(Waiter waiter) {
        waiter.taken = true;
        return waiter.permit;
    }

    void withdraw(Waiter waiter, long now) {
        if (!waiter.over) {
            lines.remove(waiter);
            waiter.over = true;
        } else if (waiter.permit != null && !waiter.taken) {
            waiter.taken = true;
            giveBack(waiter.permit, now);
        }
        waiter.then = null;
    }

    /** Whatever is due by time, and whoever finds room now. */
    void lookRound(long now) {
        Instant wall = clock.instant();
        while (lines.anyDue(wall)) {
            wake(lines.soonest(), wall, now);
        }
        pumpAll(now);
        lines.unwilling().stream()
                .filter(waiter -> AllBenched.of(waiter.ask, circuits).nothingElse())
                .toList()
                .forEach(waiter -> grant(waiter, null));
    }

    /** Nanoseconds until something is due by time, at most {@code longest}. */
    long untilNext(long now, Duration longest) {
        return lines.untilNext(clock.instant(), now, longest);
    }

    void freeSlot(long now) {
        boolean full = !admission.slotFree();
        admission.freeSlot();
        if (full) {
            pumpAll(now);
        }
    }

    /** Looks for a lane that takes this one now, and remembers what it would have to wait for. */
    @Nullable Permit look(Waiter waiter, boolean hasSlot, long now) {
        Ask ask = waiter.ask;
        Permit probing = circuits.probesReady() ? lookToProbe(waiter, hasSlot, now) : null;
        if (probing != null) {
            return probing;
        }
        Instant wall = clock.instant();
        waiter.wakeAt = ask.deadline();
        waiter.why = Why.BENCHED;
        waiter.stoppedAt = null;
        for (Candidate candidate : ask.candidates()) {
            if (candidate.from().isAfter(wall)) {
                waiter.wakeAt = earlier(waiter.wakeAt, candidate.from());
                continue;
            }
            LaneTraffic lane = admission.wanted(candidate.lane(), now);
            if (!lane.line.isEmpty()) {
                pump(lane, now);
            }
            switch (admission.turn(lane, ask, hasSlot, now)) {
                case Turn.Go(Probe probe) -> {
                    return admission.grant(lane, probe, hasSlot, now);
                }
                case Turn.No(Why why) -> {
                    waiter.lines.add(lane);
                    waiter.why = worse(waiter.why, why);
                    if (why == Why.SLOTS || why == Why.MEMORY || why == Why.SHARE) {
                        waiter.stoppedAt = lane;
                        return null; // in order: what comes later is not taken for want of room
                    }
                }
            }
        }
        return null;
    }

    /** A probe is the first choice of whoever may carry it, or healthy lanes would starve it. */
    private @Nullable Permit lookToProbe(Waiter waiter, boolean hasSlot, long now) {
        for (Candidate candidate : waiter.ask.candidates()) {
            LaneTraffic lane = admission.wanted(candidate.lane(), now);
            if (admission.turn(lane, waiter.ask, hasSlot, now) instanceof Turn.Go(Probe probe)
                    && probe != null) {
                return admission.grant(lane, probe, hasSlot, now);
            }
        }
        return null;
    }

    /** Lets onto the lane whom it takes, in order. */
    private void pump(LaneTraffic lane, long now) {
        boolean goesOn = true;
        while (goesOn && !lane.line.isEmpty()) {
            Waiter first = lane.line.first();
            goesOn =
                    switch (admission.turn(lane, first.ask, false, now)) {
                        case Turn.Go(Probe probe) -> {
                            grant(first, admission.grant(lane, probe, false, now));
                            yield true;
                        }
                        case Turn.No(Why why) -> held(lane, why, now);
                    };
        }
    }

    /** The first in line is not taken; whether somebody else may be. */
    private boolean held(LaneTraffic lane, Why why, long now) {
        if (lane.stopped > 0 && (why == Why.BENCHED || why == Why.PACE)) {
            lookFurther(lane, now);
            return true;
        }
        return why == Why.BENCHED && circuits.probesReady() && searchProbe(lane, now);
    }

    /**
     * Who waited only for room on this lane has to look further, now that it is benched or slow:
     * the next lane may have them at once.
     */
    private void lookFurther(LaneTraffic lane, long now) {
        List<Waiter> stopped =
                lane.line.stream().filter(waiter -> waiter.stoppedAt == lane).toList();
        for (Waiter waiter : stopped) {
            if (waiter.over || waiter.stoppedAt != lane) {
                continue; // it has been looked at on the way
            }
            lines.remove(waiter);
            Permit permit = look(waiter, false, now);
            if (permit == null) {
                lines.add(waiter);
            } else {
                grant(waiter, permit);
            }
        }
    }

    /** The first in line may not carry the probe; whether somebody behind could. */
    private boolean searchProbe(LaneTraffic lane, long now) {
        int looked = 0;
        for (Waiter waiter : lane.line) {
            if (admission.turn(lane, waiter.ask, false, now) instanceof Turn.Go(Probe probe)) {
                grant(waiter, admission.grant(lane, probe, false, now));
                return true;
            }
            if (++looked == PROBE_SEARCH) {
                return false;
            }
        }
        return false;
    }

    /** Round the lanes, so that none waits for ever behind a longer line. */
    private void pumpAll(long now) {
        for (int left = lines.lanes(); left > 0 && admission.slotFree(); left--) {
            lines.serveNext(lane -> pump(lane, now));
        }
    }

    /** Puts it in line; whether whoever sleeps until the next event has to think again. */
    boolean queue(Waiter waiter) {
        return lines.add(waiter);
    }

    private void grant(Waiter waiter, @Nullable Permit permit) {
        lines.remove(waiter);
        waiter.permit = permit;
        waiter.over = true;
        if (waiter.then != null) {
            due.add(waiter.then);
        }
    }

    /** Its time has come: a lane it was resting from may be asked again, or its deadline passed. */
    private void wake(Waiter waiter, Instant wall, long now) {
        lines.remove(waiter);
        if (!waiter.ask.deadline().isAfter(wall)) {
            grant(waiter, null);
            return;
        }
        Permit permit = look(waiter, false, now);
        if (permit == null) {
            lines.add(waiter);
        } else {
            grant(waiter, permit);
        }
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }

    /** The reason that will pass soonest is what the request is said to wait for. */
    private static Why worse(Why before, Why now) {
        return now.compareTo(before) < 0 ? now : before;
    }
}
