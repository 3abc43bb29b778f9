package dev.gantry.escalation;

import dev.gantry.circuit.Circuits.WellAs;
import dev.gantry.circuit.state.LaneAvailability;
import dev.gantry.escalation.AttemptHistory.Called;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.RequestBody;
import dev.gantry.repair.Repair;
import dev.gantry.routing.Lane;
import dev.gantry.routing.LaneLatencies;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.function.Function;

/**
 * What the policy is told of the world: the time, how each lane stands now, and whether it does
 * well with others.
 */
record LaneStates(
        Instant now,
        Function<LaneId, LaneAvailability> standings,
        Wellness wellness,
        Lessons lessons,
        Latencies latencies,
        Queues queues) {
    /** What lanes are known to refuse of a request. */
    interface Lessons {
        Repair of(Lane lane, RequestBody body);
    }

    /** What a lane's latest answers took; null: too few to tell. */
    interface Latencies {
        LaneLatencies.@Nullable Quantiles of(LaneId lane);
    }

    /** How long one waits for a lane now, if a call takes so long. */
    interface Queues {
        Duration of(LaneId lane, Duration each);
    }

    /** Whether a lane, or its instance, has done its work for anybody since. */
    interface Wellness {
        boolean since(LaneId lane, Instant since, WellAs as);
    }

    LaneAvailability availability(LaneId lane) {
        return standings.apply(lane);
    }

    boolean admitted(LaneId lane) {
        return availability(lane) instanceof LaneAvailability.Admitted;
    }

    /**
     * Whether its permit still lets a call onto the lane: a probe's while the lane is half-open.
     */
    boolean admitsAgain(Called call) {
        LaneAvailability now = availability(call.lane().id());
        return now instanceof LaneAvailability.Admitted
                || (call.plan().probe() && now instanceof LaneAvailability.HalfOpen);
    }

    /** Whether the catalogue no longer has it. */
    boolean gone(LaneId lane) {
        return availability(lane) instanceof LaneAvailability.Gone;
    }

    /**
     * @param since on the fleet's clock
     */
    boolean well(LaneId lane, Instant since, WellAs as) {
        return wellness.since(lane, since, as);
    }

    /** What the lane is known to refuse of this body. */
    Repair learnt(Lane lane, RequestBody body) {
        return lessons.of(lane, body);
    }
}
