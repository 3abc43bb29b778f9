package dev.gantry.admission;

import dev.gantry.circuit.Circuits;
import dev.gantry.circuit.Probe;
import dev.gantry.circuit.state.LaneAvailability;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.LaneId;
import dev.gantry.limit.CallSize;
import dev.gantry.limit.CallUse;
import dev.gantry.limit.LaneQuota;
import dev.gantry.limit.LaneQuota.Reservation;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * Whether a lane takes a request now: its circuits, its pace, its share and a free slot. Guarded by
 * the lock of admission control.
 */
final class AdmissionRules {
    /** A probe may take a third of what a request has left: with less nothing could be learnt. */
    private static final Duration LEAST_TO_PROBE = Duration.ofSeconds(3);

    private static final Duration LONG_HALF_OPEN = Duration.ofSeconds(30);

    private final AdmissionSettings settings;
    private final Circuits circuits;
    private final Function<LaneId, LaneQuota> quotas;
    private final InstantSource clock;
    private final BooleanSupplier memory;
    private final Map<LaneId, LaneLoads> lanes = new HashMap<>();
    private final Map<String, ProviderLoad> providers = new HashMap<>();
    private final FairShare share;
    private final RandomGenerator random;
    private int slotsHeld;

    /** The same by topic. */
    private final Map<String, TopicSlots> slotsOf = new HashMap<>();

    /** Counted in place: each request comes by four times. */
    private static final class TopicSlots {
        private int held;
    }

    AdmissionRules(
            AdmissionSettings settings,
            Circuits circuits,
            Function<LaneId, LaneQuota> quotas,
            InstantSource clock,
            BooleanSupplier memory,
            RandomGenerator random) {
        this.settings = settings;
        this.share = new FairShare(settings);
        this.circuits = circuits;
        this.quotas = quotas;
        this.clock = clock;
        this.memory = memory;
        this.random = random;
    }

    LaneDecision decision(LaneLoads lane, AdmissionRequest request, boolean hasSlot, long now) {
        circuits.wanted(lane.lane);
        return switch (circuits.availability(lane.lane)) {
            case LaneAvailability.Benched(var _, ErrorKind kind, var _) -> {
                lane.benchedFor(kind, now);
                yield LaneDecision.BENCHED;
            }
            case LaneAvailability.Gone _ -> {
                lane.takesNoCalls();
                yield LaneDecision.BENCHED;
            }
            case LaneAvailability.HalfOpen half -> {
                lane.takesNoCalls();
                yield carries(half, lane, request)
                        ? probe(lane, request, hasSlot)
                        : LaneDecision.BENCHED;
            }
            case LaneAvailability.Admitted(long epoch) ->
                    admitted(lane, epoch, hasSlot ? null : request.topic(), now);
        };
    }

    /** The same for a call that a request could do without: closed circuits, and room to spare. */
    LaneDecision spare(LaneLoads lane, long now) {
        return circuits.availability(lane.lane) instanceof LaneAvailability.Admitted(long epoch)
                ? admitted(lane, epoch, "", now)
                : LaneDecision.BENCHED;
    }

    /**
     * @param topic that would take a slot; null: the request has one
     */
    private LaneDecision admitted(LaneLoads lane, long epoch, @Nullable String topic, long now) {
        lane.admittedIn(epoch, now);
        return room(lane, topic, now);
    }

    private LaneDecision room(LaneLoads lane, @Nullable String topic, long now) {
        if (atLimit(lane, now)) {
            return LaneDecision.PACE;
        }
        if (!lane.quota.admits(now)) {
            return LaneDecision.LIMIT;
        }
        if (share.overShare(lane, lanes.values(), now)) {
            return LaneDecision.SHARE;
        }
        LaneDecision wanting = wanting(topic);
        return wanting == null ? LaneDecision.GO : wanting;
    }

    private static boolean atLimit(LaneLoads lane, long now) {
        return !lane.limit.admits(lane.underWay, now);
    }

    /**
     * The lanes with a line that take no more now, however many slots there are. A paced lane looks
     * free for a moment between two calls; but who waits while slots are free waits for the lane.
     */
    Set<LaneId> atLimit(long now) {
        boolean slotFree = slotFree();
        return lanes.values().stream()
                .filter(each -> !each.line.isEmpty())
                .filter(each -> slotFree || atLimit(each, now) || !each.quota.admits(now))
                .map(each -> each.lane)
                .collect(Collectors.toSet());
    }

    /** What the worker itself lacks: a slot, or memory for the answer; null: nothing. */
    private @Nullable LaneDecision wanting(@Nullable String topic) {
        if (topic != null && (slotsHeld >= settings.slots() || !maySlot(topic))) {
            return LaneDecision.SLOTS;
        }
        return memory.getAsBoolean() ? null : LaneDecision.MEMORY;
    }

    /** Whether the topic's own bound lets it hold one more slot. */
    boolean maySlot(String topic) {
        return slotsOf(topic).held < settings.topics().apply(topic).most();
    }

    private TopicSlots slotsOf(String topic) {
        return slotsOf.computeIfAbsent(topic, _ -> new TopicSlots());
    }

    int share(String topic) {
        return settings.topics().apply(topic).share();
    }

    /**
     * What has failed on the lane before may fail there for its own sake. Where nobody else has
     * come for a while, anybody will do.
     */
    private boolean carries(
            LaneAvailability.HalfOpen half, LaneLoads lane, AdmissionRequest request) {
        return (request.mayProbe() && !request.failedOn(lane.lane))
                || !half.since().plus(LONG_HALF_OPEN).isAfter(circuits.now());
    }

    private LaneDecision probe(LaneLoads lane, AdmissionRequest request, boolean hasSlot) {
        if (!circuits.probesReady()) {
            return LaneDecision.BENCHED;
        }
        Duration left = Duration.between(clock.instant(), request.deadline());
        if (left.compareTo(LEAST_TO_PROBE) < 0) {
            return LaneDecision.BENCHED;
        }
        LaneDecision wanting = wanting(hasSlot ? null : request.topic());
        if (wanting != null) {
            return wanting;
        }
        Probe probe = circuits.probe(lane.lane);
        return probe == null ? LaneDecision.BENCHED : new LaneDecision.GoProbe(probe);
    }

    /** Whether the catalogue no longer has any lane that the request would take. */
    boolean stranded(AdmissionRequest request) {
        for (Candidate each : request.candidates()) {
            if (!gone(each.lane())) {
                return false;
            }
        }
        return true;
    }

    boolean gone(LaneId lane) {
        return circuits.availability(lane) instanceof LaneAvailability.Gone;
    }

    /**
     * The leave that this turn gives, and takes what it found free; null: it gives none.
     *
     * @param topic of the request
     */
    @Nullable Permit granted(
            LaneDecision decision,
            LaneLoads lane,
            CallSize size,
            String topic,
            boolean hasSlot,
            long now) {
        return switch (decision) {
            case LaneDecision.No _ -> null;
            case LaneDecision.Go _ -> {
                Reservation reservation = take(lane, size, topic, hasSlot, now);
                yield new Permit.Ordinary(lane.lane, topic, lane.epoch, now, reservation);
            }
            case LaneDecision.GoProbe(Probe probe) -> {
                Reservation reservation = take(lane, size, topic, hasSlot, now);
                yield new Permit.Probing(lane.lane, topic, probe, lane.epoch, now, reservation);
            }
        };
    }

    private Reservation take(
            LaneLoads lane, CallSize size, String topic, boolean hasSlot, long now) {
        if (!hasSlot) {
            slotsHeld++;
            slotsOf(topic).held++;
        }
        lane.underWay++;
        lane.provider.underWay++;
        lane.limit.sent(now);
        return lane.quota.take(size, now);
    }

    /**
     * Gives the permit's place on the lane back; the slot stays. Null: it was given back before,
     * and the lane has been forgotten since.
     */
    @Nullable LaneLoads settle(Permit permit, CallUse use) {
        LaneLoads lane = lanes.get(permit.lane());
        if (lane != null && permit.settle()) {
            lane.underWay--;
            lane.provider.underWay--;
            lane.quota.settle(permit.reservation(), use);
        }
        return lane;
    }

    /** The call is made again in its own place. */
    void again(Permit permit, long now) {
        LaneLoads lane = lanes.get(permit.lane());
        if (lane != null) {
            lane.quota.again(permit.reservation(), now);
        }
    }

    /** Whether a place given back by this lane may be owed to another one. */
    boolean shared(LaneLoads lane) {
        return lane.provider.underWay >= settings.most() - 1 || lane.quota.sharesPlaces();
    }

    void freeSlot(String topic) {
        slotsHeld--;
        slotsOf(topic).held--;
    }

    /** Nobody has asked for a lane that is not known, so nobody stands before it. */
    Duration queue(LaneId id, Duration each, long now) {
        LaneLoads lane = lanes.get(id);
        return lane == null ? Duration.ZERO : lane.load(now).queue(each);
    }

    /** Null: nobody has asked for it. */
    @Nullable LaneLoad load(LaneId id, long now) {
        LaneLoads lane = lanes.get(id);
        return lane == null ? null : lane.load(now);
    }

    List<LaneLoad> loads(long now) {
        return lanes.values().stream().map(lane -> lane.load(now)).toList();
    }

    /** Forgets the lanes that the catalogue no longer has, unless calls are still under way. */
    void forgetGone() {
        lanes.values()
                .removeIf(each -> each.underWay == 0 && each.line.isEmpty() && gone(each.lane));
        lanes.values().stream().filter(each -> gone(each.lane)).forEach(LaneLoads::takesNoCalls);
        providers
                .values()
                .retainAll(
                        lanes.values().stream()
                                .map(each -> each.provider)
                                .collect(Collectors.toSet()));
    }

    int slotsHeld() {
        return slotsHeld;
    }

    /** Whether somebody who holds no slot could be let go. */
    boolean slotFree() {
        return slotsHeld < settings.slots() && wanting(null) == null;
    }

    /** The lane, of which somebody would have a place. */
    LaneLoads wanted(LaneId id, long now) {
        LaneLoads lane = lane(id, now);
        lane.wanted = now;
        return lane;
    }

    private LaneLoads lane(LaneId id, long now) {
        LaneLoads known = lanes.get(id);
        return known != null ? known : newLane(id, now);
    }

    private LaneLoads newLane(LaneId id, long now) {
        ProviderLoad provider = providers.computeIfAbsent(id.provider(), _ -> new ProviderLoad());
        long epoch =
                circuits.availability(id) instanceof LaneAvailability.Admitted(long current)
                        ? current
                        : -1;
        WaitLine line = new WaitLine(this::share);
        LaneLoads lane = new LaneLoads(id, provider, quotas.apply(id), line, epoch, now, random);
        lanes.put(id, lane);
        return lane;
    }
}
