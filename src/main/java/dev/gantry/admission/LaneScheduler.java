package dev.gantry.admission;

import dev.gantry.circuit.Circuits;
import dev.gantry.inference.LaneId;
import dev.gantry.limit.CallSize;
import dev.gantry.limit.CallUse;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Decides who goes next. Guarded by the lock of admission control, and never waits. */
final class LaneScheduler {
    /** How many in line are looked at for one that may carry a probe. */
    private static final int PROBE_SEARCH = 200;

    private final AdmissionRules rules;
    private final Circuits circuits;
    private final InstantSource clock;
    private final WaitQueues queues;

    /** What is to run once the lock is free. */
    private List<Runnable> due = new ArrayList<>();

    LaneScheduler(AdmissionRules rules, Circuits circuits, InstantSource clock) {
        this.rules = rules;
        this.circuits = circuits;
        this.clock = clock;
        this.queues = new WaitQueues(rules::share);
    }

    /** The request is done with calling. A probe that was not made is told so. */
    void giveBack(Permit permit, long now) {
        if (permit instanceof Permit.Probing probing) {
            due.add(probing.probe()::ignored);
        }
        LaneLoads lane = rules.settle(permit, CallUse.UNMADE);
        if (lane != null) {
            pumpFrom(lane, now);
        }
        freeSlot(permit.topic(), now);
    }

    /** A place of this lane is free. Where its provider had its share, whose turn is it? */
    private void pumpFrom(LaneLoads lane, long now) {
        if (rules.shared(lane)) {
            pumpAll(now);
        } else {
            pump(lane, now);
        }
    }

    /** A call has ended; its slot stays with the request. */
    void told(Permit permit, CallFeedback feedback, CallUse use, long now) {
        LaneLoads lane = rules.settle(permit, use);
        if (lane == null) {
            return;
        }
        switch (feedback) {
            case ANSWERED -> lane.limit.answered(permit.grantedNanos(), now);
            case REFUSED -> lane.limit.refused(permit.grantedNanos(), now);
            case SLOWED -> lane.limit.slowed(permit.grantedNanos(), now);
            case STRAINED -> lane.limit.strained();
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
            queues.remove(waiter);
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
        while (queues.anyDue(wall)) {
            wake(queues.soonest(), wall, now);
        }
        pumpAll(now);
        queues.unwilling().stream()
                .filter(waiter -> AllBenched.of(waiter.request, circuits).nothingElse())
                .toList()
                .forEach(waiter -> grant(waiter, null));
    }

    /** Nanoseconds until something is due by time, at most {@code longest}. */
    long untilNext(long now, Duration longest) {
        return queues.untilNext(clock.instant(), now, longest);
    }

    void freeSlot(String topic, long now) {
        boolean full = !rules.slotFree() || !rules.maySlot(topic);
        rules.freeSlot(topic);
        if (full) {
            pumpAll(now);
        }
    }

    /** Looks for a lane that takes this one now, and remembers what it would have to wait for. */
    @Nullable Permit look(Waiter waiter, boolean hasSlot, long now) {
        AdmissionRequest request = waiter.request;
        Permit probing = circuits.probesReady() ? lookToProbe(waiter, hasSlot, now) : null;
        if (probing != null) {
            return probing;
        }
        Instant wall = clock.instant();
        waiter.wakeAt = rules.stranded(request) ? wall : request.again();
        waiter.reason = WaitReason.BENCHED;
        waiter.stoppedAt = null;
        for (Candidate candidate : request.candidates()) {
            if (rules.gone(candidate.lane())) {
                continue;
            }
            if (candidate.from().isAfter(wall)) {
                waiter.wakeAt = earlier(waiter.wakeAt, candidate.from());
                continue;
            }
            LaneLoads lane = rules.wanted(candidate.lane(), now);
            if (!lane.line.isEmpty()) {
                pump(lane, now);
            }
            LaneDecision decision = rules.decision(lane, request, hasSlot, now);
            if (!(decision instanceof LaneDecision.No(WaitReason reason))) {
                return rules.granted(decision, lane, request.size(), request.topic(), hasSlot, now);
            }
            waiter.lines.add(lane);
            waiter.waitsFor(reason);
            if (reason == WaitReason.SLOTS
                    || reason == WaitReason.MEMORY
                    || reason == WaitReason.SHARE) {
                waiter.stoppedAt = lane;
                return null; // in order: what comes later is not taken for want of room
            }
        }
        return null;
    }

    /** The first of the lanes that takes one more ordinary call now. */
    @Nullable Permit spare(List<LaneId> lanes, CallSize size, long now) {
        for (LaneId id : lanes) {
            LaneLoads lane = rules.wanted(id, now);
            if (!lane.line.isEmpty()) {
                pump(lane, now);
            }
            Permit permit = rules.granted(rules.spare(lane, now), lane, size, "", false, now);
            if (permit != null) {
                return permit;
            }
        }
        return null;
    }

    /** A probe is the first choice of whoever may carry it, or healthy lanes would starve it. */
    private @Nullable Permit lookToProbe(Waiter waiter, boolean hasSlot, long now) {
        for (Candidate candidate : waiter.request.candidates()) {
            if (rules.gone(candidate.lane())) {
                continue;
            }
            LaneLoads lane = rules.wanted(candidate.lane(), now);
            if (rules.decision(lane, waiter.request, hasSlot, now)
                    instanceof LaneDecision.GoProbe turn) {
                return rules.granted(
                        turn, lane, waiter.request.size(), waiter.topic(), hasSlot, now);
            }
        }
        return null;
    }

    /** Lets onto the lane whom it takes, as their turns come. */
    private void pump(LaneLoads lane, long now) {
        Waiter first = lane.line.first(rules::maySlot);
        while (first != null && serve(first, lane, now)) {
            first = lane.line.first(rules::maySlot);
        }
    }

    /** Whether the first in line was let onto the lane, or others moved so that it is another. */
    private boolean serve(Waiter first, LaneLoads lane, long now) {
        LaneDecision decision = rules.decision(lane, first.request, false, now);
        if (decision instanceof LaneDecision.No(WaitReason reason)) {
            return held(lane, reason, now);
        }
        lane.line.charge(first);
        grant(first, granted(first, decision, lane, now));
        return true;
    }

    /** It holds no slot. */
    private @Nullable Permit granted(
            Waiter waiter, LaneDecision decision, LaneLoads lane, long now) {
        return rules.granted(decision, lane, waiter.request.size(), waiter.topic(), false, now);
    }

    /** The first in line is not taken; whether somebody else may be. */
    private boolean held(LaneLoads lane, WaitReason reason, long now) {
        boolean elsewhere =
                reason == WaitReason.BENCHED
                        || reason == WaitReason.PACE
                        || reason == WaitReason.LIMIT;
        if (lane.stopped > 0 && elsewhere) {
            lookFurther(lane, now);
            return true;
        }
        return reason == WaitReason.BENCHED && circuits.probesReady() && searchProbe(lane, now);
    }

    /**
     * Who waited only for room on this lane has to look further, now that it is benched or slow:
     * the next lane may have them at once.
     */
    private void lookFurther(LaneLoads lane, long now) {
        List<Waiter> stopped =
                lane.line.stream().filter(waiter -> waiter.stoppedAt == lane).toList();
        for (Waiter waiter : stopped) {
            if (waiter.over || waiter.stoppedAt != lane) {
                continue; // it has been looked at on the way
            }
            queues.remove(waiter);
            Permit permit = look(waiter, false, now);
            if (permit == null) {
                queues.add(waiter);
            } else {
                grant(waiter, permit);
            }
        }
    }

    /** The first in line may not carry the probe; whether somebody behind could. */
    private boolean searchProbe(LaneLoads lane, long now) {
        for (Waiter waiter : lane.line.heads(PROBE_SEARCH).toList()) {
            LaneDecision decision = rules.decision(lane, waiter.request, false, now);
            Permit permit = granted(waiter, decision, lane, now);
            if (permit != null) {
                grant(waiter, permit);
                return true;
            }
        }
        return false;
    }

    /** Round the lanes, so that none waits for ever behind a longer line. */
    private void pumpAll(long now) {
        if (queues.contended()) {
            pumpInTurn(now);
        }
        for (int left = queues.lanes(); left > 0 && rules.slotFree(); left--) {
            queues.serveNext(lane -> pump(lane, now));
        }
    }

    /** A slot each, as topics' turns come; one that no lane takes now is passed over. */
    private void pumpInTurn(long now) {
        Set<String> passed = new HashSet<>();
        while (rules.slotFree()) {
            String topic =
                    queues.turns().next(each -> !passed.contains(each) && rules.maySlot(each));
            if (topic == null) {
                return;
            }
            if (!serve(topic, now)) {
                passed.add(topic);
            }
        }
    }

    /** Whether some lane has taken the topic's first. */
    private boolean serve(String topic, long now) {
        for (int left = queues.lanes(); left > 0; left--) {
            LaneLoads lane = queues.nextLane();
            Waiter first = lane.line.first(topic);
            while (first != null && !first.over) {
                boolean goesOn = serve(first, lane, now);
                if (first.over) {
                    queues.turns().charge(topic, first.tokens());
                    return true;
                }
                first = goesOn ? lane.line.first(topic) : null;
            }
        }
        return false;
    }

    /** Puts it in line; whether whoever sleeps until the next event has to think again. */
    boolean queue(Waiter waiter) {
        return queues.add(waiter);
    }

    private void grant(Waiter waiter, @Nullable Permit permit) {
        queues.remove(waiter);
        waiter.permit = permit;
        waiter.over = true;
        if (waiter.then != null) {
            due.add(waiter.then);
        }
    }

    /** All who wait, whatever for. */
    List<Waiter> waiting() {
        return queues.waiting();
    }

    /** Whether a lane that it would take is gone; needs no lock. */
    boolean losesALane(Waiter waiter) {
        return waiter.request.candidates().stream().anyMatch(each -> rules.gone(each.lane()));
    }

    /** Their lanes have changed: they look elsewhere, or are let go. */
    void lookAgain(List<Waiter> some, long now) {
        Instant wall = clock.instant();
        for (Waiter waiter : some) {
            if (!waiter.over) { // nor let on while one before it was looked at
                wake(waiter, wall, now);
            }
        }
    }

    /** Their wait is over, without leave. */
    void letGo(List<Waiter> some, long now) {
        some.stream().filter(each -> !each.over).forEach(each -> grant(each, null));
    }

    boolean stranded(Waiter waiter) {
        return rules.stranded(waiter.request);
    }

    /** Its time has come: a lane it was resting from may be asked again, or its deadline passed. */
    private void wake(Waiter waiter, Instant wall, long now) {
        queues.remove(waiter);
        if (!waiter.request.again().isAfter(wall) || rules.stranded(waiter.request)) {
            grant(waiter, null);
            return;
        }
        Permit permit = look(waiter, false, now);
        if (permit == null) {
            queues.add(waiter);
        } else {
            grant(waiter, permit);
        }
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }
}
