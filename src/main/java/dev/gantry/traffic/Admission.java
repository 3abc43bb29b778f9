package dev.gantry.traffic;

import dev.gantry.circuit.Circuits;
import dev.gantry.circuit.Probe;
import dev.gantry.circuit.Standing;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.LaneId;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;

/**
 * Whether a lane takes a request now: its circuits, its pace, its share and a free slot. Guarded by
 * the lock of the traffic.
 */
final class Admission {
    /** A probe may take a third of what a request has left: with less nothing could be learnt. */
    private static final Duration LEAST_TO_PROBE = Duration.ofSeconds(3);

    private static final Duration LONG_HALF_OPEN = Duration.ofSeconds(30);

    private final TrafficSettings settings;
    private final Circuits circuits;
    private final InstantSource clock;
    private final BooleanSupplier memory;
    private final Map<LaneId, LaneTraffic> lanes = new HashMap<>();
    private final Map<String, ProviderTraffic> providers = new HashMap<>();
    private final Demand demand;
    private final RandomGenerator random;
    private int slotsHeld;

    Admission(
            TrafficSettings settings,
            Circuits circuits,
            InstantSource clock,
            BooleanSupplier memory,
            RandomGenerator random) {
        this.settings = settings;
        this.demand = new Demand(settings);
        this.circuits = circuits;
        this.clock = clock;
        this.memory = memory;
        this.random = random;
    }

    Turn turn(LaneTraffic lane, Ask ask, boolean hasSlot, long now) {
        return switch (circuits.standing(lane.lane)) {
            case Standing.Benched(var _, ErrorKind kind, var _) -> {
                lane.benchedFor(kind, now);
                yield Turn.BENCHED;
            }
            case Standing.HalfOpen half -> {
                lane.halfOpen();
                yield carries(half, lane, ask) ? probe(lane, ask, hasSlot) : Turn.BENCHED;
            }
            case Standing.Admitted(long epoch) -> {
                lane.admittedIn(epoch, now);
                yield room(lane, hasSlot, now);
            }
        };
    }

    private Turn room(LaneTraffic lane, boolean hasSlot, long now) {
        if (!lane.pace.admits(lane.underWay, now)) {
            return Turn.PACE;
        }
        if (demand.overShare(lane, lanes.values(), now)) {
            return Turn.SHARE;
        }
        Turn wanting = wanting(hasSlot);
        return wanting == null ? Turn.GO : wanting;
    }

    /** What the worker itself lacks: a slot, or memory for the answer; null: nothing. */
    private @Nullable Turn wanting(boolean hasSlot) {
        if (!hasSlot && slotsHeld >= settings.slots()) {
            return Turn.SLOTS;
        }
        return memory.getAsBoolean() ? null : Turn.MEMORY;
    }

    /**
     * What has failed on the lane before may fail there for its own sake. Where nobody else has
     * come for a while, anybody will do.
     */
    private boolean carries(Standing.HalfOpen half, LaneTraffic lane, Ask ask) {
        return (ask.mayProbe() && !ask.failedOn(lane.lane))
                || !half.since().plus(LONG_HALF_OPEN).isAfter(circuits.now());
    }

    private Turn probe(LaneTraffic lane, Ask ask, boolean hasSlot) {
        if (!circuits.probesReady()) {
            return Turn.BENCHED;
        }
        Duration left = Duration.between(clock.instant(), ask.deadline());
        if (left.compareTo(LEAST_TO_PROBE) < 0) {
            return Turn.BENCHED;
        }
        Turn wanting = wanting(hasSlot);
        if (wanting != null) {
            return wanting;
        }
        Probe probe = circuits.probe(lane.lane);
        return probe == null ? Turn.BENCHED : new Turn.Go(probe);
    }

    /** Takes what the turn found free. */
    Permit grant(LaneTraffic lane, @Nullable Probe probe, boolean hasSlot, long now) {
        if (!hasSlot) {
            slotsHeld++;
        }
        lane.underWay++;
        lane.provider.underWay++;
        lane.pace.sent(now);
        return new Permit(lane.lane, probe, lane.epoch, now);
    }

    /** Gives the permit's place on the lane back; the slot stays. */
    LaneTraffic settle(Permit permit, long now) {
        LaneTraffic lane = lane(permit.lane(), now);
        if (permit.settle()) {
            lane.underWay--;
            lane.provider.underWay--;
        }
        return lane;
    }

    /** Whether a place given back by this lane may be owed to another one. */
    boolean shared(LaneTraffic lane) {
        return lane.provider.underWay >= settings.most() - 1;
    }

    void freeSlot() {
        slotsHeld--;
    }

    List<LaneLoad> loads(long now) {
        return lanes.values().stream().map(lane -> lane.load(now)).toList();
    }

    int slotsHeld() {
        return slotsHeld;
    }

    /** Whether somebody who holds no slot could be let go. */
    boolean slotFree() {
        return wanting(false) == null;
    }

    /** The lane, of which somebody would have a place. */
    LaneTraffic wanted(LaneId id, long now) {
        LaneTraffic lane = lane(id, now);
        lane.wanted = now;
        return lane;
    }

    private LaneTraffic lane(LaneId id, long now) {
        LaneTraffic known = lanes.get(id);
        return known != null ? known : newLane(id, now);
    }

    private LaneTraffic newLane(LaneId id, long now) {
        ProviderTraffic provider =
                providers.computeIfAbsent(id.provider(), _ -> new ProviderTraffic());
        long epoch =
                circuits.standing(id) instanceof Standing.Admitted(long current) ? current : -1;
        LaneTraffic lane = new LaneTraffic(id, provider, epoch, now, random);
        lanes.put(id, lane);
        return lane;
    }
}
