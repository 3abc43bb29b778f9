package dev.gantry.escalation;

import dev.gantry.circuit.Circuits.WellAs;
import dev.gantry.circuit.state.LaneFailure;
import dev.gantry.escalation.AttemptHistory.Called;
import dev.gantry.inference.ErrorKind;
import dev.gantry.routing.Lane;
import dev.gantry.routing.Route;

import org.jspecify.annotations.Nullable;

import java.util.Objects;

/**
 * Whether a request is itself to blame: lanes that do well with others fail it again and again, in
 * one and the same way. Pure.
 */
final class Blame {
    private Blame() {}

    static boolean falls(RunState state, Called last) {
        ErrorKind kind = last.kind();
        LaneFailure failure = state.policy().impact(last).failure();
        if (kind == null || failure == null || kind.rule().alike() == 0) {
            return false;
        }
        return state.history().calls().stream()
                        .filter(each -> !each.plan().inPlace() && alike(each, last))
                        .filter(each -> concerns(each, last, failure))
                        .filter(each -> stillThere(each.lane(), state.route()))
                        .filter(each -> well(each, kind, state.lanes()))
                        .count()
                >= kind.rule().alike();
    }

    /** Others do not do well at an address, or with a key, that has been replaced. */
    private static boolean stillThere(Lane called, Route route) {
        return route.lanes().stream()
                .noneMatch(
                        each ->
                                each.id().equals(called.id())
                                        && !each.target().equals(called.target()));
    }

    private static boolean alike(Called one, Called other) {
        return one.kind() == other.kind()
                && Objects.equals(one.attempt().status(), other.attempt().status())
                && Objects.equals(code(one), code(other));
    }

    /** A fact is one of its own instance; what may be the request's own may show anywhere. */
    private static boolean concerns(Called one, Called last, LaneFailure failure) {
        return failure.proof() == LaneFailure.Proof.SUSPICION
                || failure.counted()
                || (one.lane().id().provider().equals(last.lane().id().provider())
                        && one.lane().id().instance().equals(last.lane().id().instance()));
    }

    private static boolean well(Called call, ErrorKind kind, LaneStates lanes) {
        WellAs as =
                switch (kind.rule().cools()) {
                    case ENDPOINT, ACCOUNT -> WellAs.INSTANCE;
                    case NOTHING, LANE, MODEL, QUOTA -> WellAs.LANE;
                };
        return lanes.well(call.lane().id(), call.moment().began(), as);
    }

    private static @Nullable String code(Called call) {
        return call.heard().failure() == null ? null : call.heard().failure().code();
    }
}
