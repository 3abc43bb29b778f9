package dev.gantry.escalation;

import static dev.gantry.inference.FailoverAction.NEXT_LANE;
import static dev.gantry.inference.FailoverAction.OTHER_LANE;
import static dev.gantry.inference.FailoverAction.OTHER_PROVIDER;
import static dev.gantry.inference.FailoverAction.REPAIR;
import static dev.gantry.inference.FailoverAction.SAME_LANE;
import static dev.gantry.inference.FailoverAction.STOP;
import static dev.gantry.inference.FailoverAction.TOO_LARGE;

import dev.gantry.admission.AdmissionRequest;
import dev.gantry.admission.Candidate;
import dev.gantry.escalation.AttemptHistory.Called;
import dev.gantry.inference.AttemptError;
import dev.gantry.inference.AttemptUse;
import dev.gantry.inference.Caps;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.FailoverAction;
import dev.gantry.inference.FailoverRules;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.Outcome;
import dev.gantry.inference.RoutingPolicy;
import dev.gantry.routing.AppliedPolicy;
import dev.gantry.routing.Route;

import java.time.Duration;
import java.util.List;

/**
 * A policy of the configuration, or of the request's own: its failover rules say what lets the
 * chain advance and what is repeated in place. Everything else is as the standard rules have it.
 */
final class ConfiguredPolicy implements EscalationPolicy {
    private static final EscalationPolicy STANDARD = StandardPolicy.INSTANCE;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LATER_PAUSE = Duration.ofSeconds(2);

    private final AppliedPolicy applied;
    private final FailoverRules rules;

    ConfiguredPolicy(AppliedPolicy applied) {
        this.applied = applied;
        this.rules = applied.policy().failover();
    }

    @Override
    public FailoverAction action(Called call) {
        ErrorKind kind = call.kind();
        FailoverAction usual = STANDARD.action(call);
        boolean fixed = usual == TOO_LARGE || usual == REPAIR || call.heard().published();
        if (kind == null || fixed) {
            return usual;
        }
        if (usual == OTHER_PROVIDER) { // another schema may mend it under any rules
            return advances(call, kind) ? OTHER_LANE : usual;
        }
        if (repeats(call, kind)) {
            return SAME_LANE;
        }
        if (!advances(call, kind)) {
            return usual.goesOn() && !ofTheInstance(kind) ? STOP : usual;
        }
        return switch (usual) {
            case SAME_LANE -> NEXT_LANE;
            case STOP -> OTHER_LANE;
            default -> usual;
        };
    }

    @Override
    public AttemptUse use(Called call) {
        return STANDARD.use(call);
    }

    @Override
    public Caps caps() {
        return applied.policy().caps();
    }

    @Override
    public HealthImpact impact(Called call) {
        return STANDARD.impact(call);
    }

    @Override
    public boolean judgedLater(Called call) {
        return switch (action(call)) {
            case SAME_LANE -> true;
            case REPAIR -> STANDARD.judgedLater(call);
            default -> false;
        };
    }

    @Override
    public Duration pause(Called call) {
        FailoverAction usual = STANDARD.action(call);
        if (usual == REPAIR) {
            return STANDARD.pause(call);
        }
        if (call.plan().repeat() > 0) {
            return LATER_PAUSE;
        }
        return usual == SAME_LANE ? STANDARD.pause(call) : FIRST_PAUSE;
    }

    @Override
    public Next next(RunState state) {
        Called last = state.history().last();
        ErrorKind kind = last == null ? null : last.kind();
        if (last == null || kind == null || advances(last, kind)) {
            return STANDARD.next(state);
        }
        if (!state.route().limits().escalate()) {
            return STANDARD.next(state);
        }
        if (action(last).inPlace() && !StandardPolicy.sameLane(state, last)) {
            return new Next.End(new Outcome.Refused(last.attempt()));
        }
        return ofTheInstance(kind) ? withinLink(state, last) : STANDARD.next(state);
    }

    /**
     * A dead key and an empty account are an instance's own: the link's other instances stand in
     * for it under any rules, the next link only by a rule.
     */
    private Next withinLink(RunState state, Called last) {
        Next next = STANDARD.next(state);
        if (!(next instanceof Next.Enter(AdmissionRequest ask))) {
            return next;
        }
        List<Candidate> siblings =
                ask.candidates().stream()
                        .filter(each -> sibling(state, each.lane(), last.lane().id()))
                        .toList();
        return siblings.isEmpty()
                ? new Next.End(new Outcome.Refused(last.attempt()))
                : StandardPolicy.standIn(siblings, ask, last);
    }

    private boolean sibling(RunState state, LaneId lane, LaneId of) {
        return state.history().lastOn(lane) == null
                && state.lanes().admitted(lane)
                && sameLink(state.route(), lane, of);
    }

    /** As the catalogue is now; what has left it meanwhile came by the link that it came by. */
    private boolean sameLink(Route route, LaneId lane, LaneId of) {
        AppliedPolicy now = route.policy() == null ? applied : route.policy();
        RoutingPolicy.Link link = now.link(of) == null ? applied.link(of) : now.link(of);
        return link != null && link.equals(now.link(lane));
    }

    private static boolean ofTheInstance(ErrorKind kind) {
        return kind == ErrorKind.AUTH || kind == ErrorKind.BILLING;
    }

    private boolean advances(Called call, ErrorKind kind) {
        return rules.advances(kind, call.attempt().status());
    }

    /** A provider that asks for more patience than a pause is not asked again at once. */
    private boolean repeats(Called call, ErrorKind kind) {
        AttemptError error = call.attempt().error();
        Duration asked = error == null ? null : error.retryAfter();
        return rules.repeats(kind)
                && call.plan().repeat() < rules.retries()
                && !call.plan().probe()
                && (asked == null || asked.compareTo(pause(call)) <= 0);
    }
}
