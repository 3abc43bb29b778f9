package dev.gantry.admission;

import dev.gantry.circuit.Circuits;
import dev.gantry.circuit.state.LaneAvailability;
import dev.gantry.concurrent.BackgroundLoop;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.WhenBenched;
import dev.gantry.limit.CallSize;
import dev.gantry.limit.CallUse;
import dev.gantry.limit.FleetLimits;
import dev.gantry.limit.LaneQuota;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import java.util.function.ObjLongConsumer;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * Lets requests onto lanes, or has them wait in line: in deadline order, woken by whatever makes
 * room and never by polling. A waiting request holds no slot.
 */
public final class AdmissionControl implements AutoCloseable {
    /** Also what a step of the wall clock can delay. */
    private static final Duration LOOK_ROUND = Duration.ofSeconds(1);

    /** So many are looked at before others may have the lock. */
    private static final int AT_ONCE = 200;

    private final Circuits circuits;
    private final LongSupplier nanos;
    private final BackgroundLoop timer = BackgroundLoop.of("admission", this::lookRound);
    private final ReentrantLock lock = new ReentrantLock();

    // All below are guarded by the lock.
    private final AdmissionRules rules;
    private final LaneScheduler scheduler;
    private long numbers;

    /** Of a worker that keeps to the fleet's limits, which go by the same clock. */
    public AdmissionControl(
            AdmissionSettings settings,
            Circuits circuits,
            FleetLimits limits,
            InstantSource clock,
            LongSupplier nanos,
            BooleanSupplier memory) {
        this(
                new AdmissionRules(
                        settings,
                        circuits,
                        limits::of,
                        clock,
                        memory,
                        RandomGenerator.getDefault()),
                circuits,
                clock,
                nanos);
        limits.onRoom(timer::call);
    }

    /**
     * Of one that knows no limits but those it learns by itself.
     *
     * @param nanos a monotonic clock
     * @param memory whether there is room for one more answer; when there is again after there was
     *     not, {@link #roomAgain} is to be called
     */
    public AdmissionControl(
            AdmissionSettings settings,
            Circuits circuits,
            InstantSource clock,
            LongSupplier nanos,
            BooleanSupplier memory) {
        this(settings, circuits, clock, nanos, memory, RandomGenerator.getDefault());
    }

    /**
     * @param random where a fleet's workers must not do the same at one moment
     */
    public AdmissionControl(
            AdmissionSettings settings,
            Circuits circuits,
            InstantSource clock,
            LongSupplier nanos,
            BooleanSupplier memory,
            RandomGenerator random) {
        this(
                new AdmissionRules(
                        settings, circuits, _ -> LaneQuota.unlimited(), clock, memory, random),
                circuits,
                clock,
                nanos);
    }

    private AdmissionControl(
            AdmissionRules rules, Circuits circuits, InstantSource clock, LongSupplier nanos) {
        this.rules = rules;
        this.scheduler = new LaneScheduler(rules, circuits, clock);
        this.circuits = circuits;
        this.nanos = nanos;
    }

    /** Once: from now on those in line are woken. */
    public void start() {
        circuits.onChange(timer::call);
        timer.start();
    }

    @Override
    public void close() {
        timer.closeAfterAPass();
    }

    /**
     * Asks to call one of the candidates.
     *
     * @param held the permit of the request's last call: its slot is used for the next one, or
     *     given back if the request has to wait; null: it holds none
     */
    public AdmissionResult enter(AdmissionRequest request, @Nullable Permit held) {
        want(request);
        lock.lock();
        try {
            Waiter waiter = new Waiter(request, numbers++, WaitReason.BENCHED, request.deadline());
            boolean hadSlot = held != null;
            long now = nanos.getAsLong();
            if (held != null) {
                scheduler.told(held, CallFeedback.NOTHING, CallUse.UNKNOWN, now);
            }
            Permit permit = scheduler.look(waiter, hadSlot, now);
            if (permit != null) {
                return new AdmissionResult.Granted(permit);
            }
            if (held != null) {
                scheduler.freeSlot(held.topic(), now);
            }
            boolean fails =
                    request.whenBenched() == WhenBenched.FAIL
                            && waiter.reason == WaitReason.BENCHED;
            if (fails && !scheduler.stranded(waiter)) {
                AllBenched all = AllBenched.of(request, circuits);
                if (all.nothingElse()) {
                    return new AdmissionResult.AllBenched(all.until(), all.reasons());
                }
            }
            if (scheduler.queue(waiter)) {
                timer.call();
            }
            return new AdmissionResult.Waiting(new InLine(waiter));
        } finally {
            unlock();
        }
    }

    /**
     * Asks for a second call beside one that is under way: it takes only what nobody waits for,
     * does not wait, and is never a probe.
     *
     * @param lanes in the order of preference
     * @return null: none takes it now
     */
    public @Nullable Permit spare(List<LaneId> lanes, CallSize size) {
        return locked(now -> scheduler.spare(lanes, size, now));
    }

    /**
     * To ask how a lane stands is to want it. Where a better lane takes every request, nobody would
     * ask for a half-open one, and only a wanted one is probed.
     */
    private void want(AdmissionRequest request) {
        for (Candidate candidate : request.candidates()) {
            circuits.wanted(candidate.lane());
        }
    }

    /** The same where nobody says what it took. */
    public void told(Permit permit, CallFeedback feedback) {
        told(permit, feedback, CallUse.UNKNOWN);
    }

    /**
     * The call has ended: its place on the lane is free, the slot stays with the request.
     *
     * @param use what it has taken of the lane's limits
     */
    public void told(Permit permit, CallFeedback feedback, CallUse use) {
        lock.lock();
        try {
            scheduler.told(permit, feedback, use, nanos.getAsLong());
        } finally {
            unlock();
        }
    }

    /** The call is about to be made again, on the same permit: it counts against limits again. */
    public void again(Permit permit) {
        locked(
                now -> {
                    rules.again(permit, now);
                    return null;
                });
    }

    /** The request is done with calling: its slot is free. */
    public void leave(Permit permit) {
        lock.lock();
        try {
            scheduler.giveBack(permit, nanos.getAsLong());
        } finally {
            unlock();
        }
    }

    /** The circuits have been told of another catalogue: nobody waits for lanes that are gone. */
    public void leaveGone() {
        inLots(scheduler::losesALane, scheduler::lookAgain);
        locked(
                _ -> {
                    rules.forgetGone();
                    return null;
                });
    }

    /**
     * Models have got more lanes: whoever waits because these here are benched is let go without
     * leave, to look what there is now.
     */
    public void lookAnew(Set<LaneId> benched) {
        if (!benched.isEmpty()) {
            inLots(each -> each.waitsFor(benched), scheduler::letGo);
        }
    }

    /** In lots, so that nobody else waits long for the lock. */
    private void inLots(Predicate<Waiter> concerned, ObjLongConsumer<List<Waiter>> what) {
        List<Waiter> all = locked(_ -> scheduler.waiting()).stream().filter(concerned).toList();
        for (int from = 0; from < all.size(); from += AT_ONCE) {
            List<Waiter> some = all.subList(from, Math.min(from + AT_ONCE, all.size()));
            locked(
                    now -> {
                        what.accept(some, now);
                        return null;
                    });
        }
    }

    private <T extends @Nullable Object> T locked(LongFunction<T> what) {
        lock.lock();
        try {
            return what.apply(nanos.getAsLong());
        } finally {
            unlock();
        }
    }

    /** Requests that hold a slot. */
    public int slotsHeld() {
        lock.lock();
        try {
            return rules.slotsHeld();
        } finally {
            lock.unlock();
        }
    }

    /**
     * How long a request that now joins the lane's line stands there, as its pace is known here.
     *
     * @param each how long a call takes
     */
    public Duration queue(LaneId lane, Duration each) {
        return locked(_ -> rules.queue(lane, each, nanos.getAsLong()));
    }

    /** The lanes that somebody has asked for since the start; for pages. */
    public List<LaneLoad> loads() {
        lock.lock();
        try {
            return rules.loads(nanos.getAsLong());
        } finally {
            lock.unlock();
        }
    }

    /** What there is to do with one lane; null: nobody has asked for it. */
    public @Nullable LaneLoad load(LaneId lane) {
        return locked(now -> rules.load(lane, now));
    }

    /**
     * Whether a lane would take one more call, as of this moment, if a worker had a slot for it: it
     * is open and below its limits.
     */
    public Predicate<LaneId> takesCalls() {
        Set<LaneId> full = locked(rules::atLimit);
        return lane ->
                !full.contains(lane)
                        && circuits.availability(lane) instanceof LaneAvailability.Admitted;
    }

    /** Whoever is to go on does so outside the lock. */
    private void unlock() {
        List<Runnable> due = scheduler.takeDue();
        lock.unlock();
        due.forEach(Runnable::run);
    }

    /** Those who were not let go for want of memory are looked at again. Never blocks. */
    public void roomAgain() {
        timer.call();
    }

    /** Wakes whoever is due by time or finds room; for whoever keeps the time by hand. */
    public void lookAround() {
        lock.lock();
        try {
            scheduler.lookRound(nanos.getAsLong());
        } finally {
            unlock();
        }
    }

    /** Returns how long nothing is due. */
    private Duration lookRound() {
        lock.lock();
        try {
            scheduler.lookRound(nanos.getAsLong());
            return Duration.ofNanos(scheduler.untilNext(nanos.getAsLong(), LOOK_ROUND));
        } finally {
            unlock();
        }
    }

    /** A place as its request sees it. */
    private final class InLine implements QueuedRequest {
        private final Waiter waiter;
        private final WaitReason reason;

        InLine(Waiter waiter) {
            this.waiter = waiter;
            this.reason = waiter.reason;
        }

        @Override
        public WaitReason reason() {
            return reason;
        }

        @Override
        public boolean wantsOnlyRoom(Predicate<LaneId> takesCalls) {
            return waiter.request.candidates().stream()
                    .anyMatch(each -> takesCalls.test(each.lane()));
        }

        @Override
        public @Nullable Instant until() {
            return AllBenched.of(waiter.request, circuits).until();
        }

        @Override
        public void whenOver(Runnable then) {
            lock.lock();
            try {
                scheduler.whenOver(waiter, then);
            } finally {
                unlock();
            }
        }

        @Override
        public @Nullable Permit permit() {
            lock.lock();
            try {
                return scheduler.take(waiter);
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void leave() {
            lock.lock();
            try {
                scheduler.withdraw(waiter, nanos.getAsLong());
            } finally {
                unlock();
            }
        }
    }
}
