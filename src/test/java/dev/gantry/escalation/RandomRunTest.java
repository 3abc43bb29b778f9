package dev.gantry.escalation;

import static dev.gantry.routing.LaneDraft.lane;
import static dev.gantry.routing.RequestBuilder.request;
import static dev.gantry.routing.SettingsDraft.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.admission.AdmissionRequest;
import dev.gantry.circuit.state.LaneAvailability;
import dev.gantry.classification.Classifier;
import dev.gantry.escalation.AttemptHistory.Called;
import dev.gantry.inference.AttemptUse;
import dev.gantry.inference.Cancellation;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.memory.ByteBudget;
import dev.gantry.provider.ProviderReply;
import dev.gantry.repair.Repair;
import dev.gantry.routing.ContextGuard;
import dev.gantry.routing.Lane;
import dev.gantry.routing.LaneDraft;
import dev.gantry.routing.Route;
import dev.gantry.routing.Router;
import dev.gantry.routing.RoutingSettings.Order;
import dev.gantry.testbed.TickingClock;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Guarantees of the policy over random routes and replies; it is pure, so no clock, no call. */
class RandomRunTest {
    private static final List<ProviderReply> REPLIES =
            List.of(
                    Replies.RATE_LIMITED,
                    Replies.OVERLOADED,
                    Replies.BROKEN,
                    Replies.BAD_KEY,
                    Replies.NO_CREDIT,
                    Replies.TOO_LONG,
                    Replies.OVER_QUOTA,
                    Replies.REFUSED,
                    Replies.NO_HOST,
                    Replies.STALE,
                    Replies.TIMED_OUT);

    /** Calls that use neither attempt nor refusal are bounded by the deadline, which is far. */
    private static final int ENOUGH = 200;

    static final LaneStates OPEN =
            new LaneStates(
                    TickingClock.START,
                    _ -> new LaneAvailability.Admitted(0),
                    (_, _, _) -> false,
                    (_, _) -> Repair.NONE,
                    _ -> null,
                    (_, _) -> Duration.ZERO);

    @Test
    void lesson51StaysWithinItsBoundsWhateverTheLanesAnswer() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        Order[] orders = Order.values();
        for (int round = 0; round < 2000; round++) {
            int maxAttempts = 1 + random.nextInt(4);
            int maxRefusals = 1 + random.nextInt(4);
            InferenceRequest request = request("auto").input(1 + random.nextInt(2000)).build();
            Route route =
                    new Router(
                                    lanes(random),
                                    settings()
                                            .maxAttempts(maxAttempts)
                                            .maxRefusals(maxRefusals)
                                            .order(orders[random.nextInt(orders.length)])
                                            .build())
                            .route(request);

            RunState end = climb(request, route, random);

            assertBounded(end, "seed %d, round %d".formatted(seed, round));
        }
    }

    private static RunState climb(InferenceRequest request, Route route, Random random) {
        EscalationPolicy policy = StandardPolicy.INSTANCE;
        RunState state = new RunState(request, route, policy, AttemptHistory.EMPTY, false, OPEN);
        while (state.history().facts().size() < ENOUGH) {
            ProviderReply reply = REPLIES.get(random.nextInt(REPLIES.size()));
            PlannedCall plan =
                    switch (policy.next(state)) {
                        case Next.End _, Next.Blamed _, Next.Skip _, Next.Reroute _ -> null;
                        case Next.Retry retry -> CallPlanner.plan(state, retry);
                        case Next.Enter(var ask) -> entered(state, ask, random);
                        case Next.StandIn(var ask, _) -> entered(state, ask, random);
                    };
            if (plan == null) {
                return state;
            }
            AttemptHistory further = state.history().with(call(request, plan, reply));
            state = new RunState(request, route, policy, further, true, OPEN);
        }
        return state;
    }

    private static PlannedCall entered(RunState state, AdmissionRequest ask, Random random) {
        int any = random.nextInt(ask.candidates().size());
        return CallPlanner.plan(state, ask.candidates().get(any).lane(), false);
    }

    static Called call(InferenceRequest request, PlannedCall plan, ProviderReply reply) {
        var calls =
                new LaneCall(
                        _ -> (_, _, _, _, _, _) -> reply,
                        new Classifier(),
                        (_, _) -> {},
                        () -> TickingClock.START,
                        () -> 0);
        LaneCall.Result result =
                calls.make(
                        request,
                        new LaneAttempt.Recorded(
                                plan,
                                CallPlanner.dispatch(request, plan, TickingClock.START),
                                true,
                                _ -> false,
                                () -> true),
                        new Cancellation(),
                        ByteBudget.boundless().hold());
        var moment = new AttemptHistory.Moment(0, TickingClock.START);
        return new Called(plan, result.attempt(), result.heard(), moment, false, null);
    }

    private static void assertBounded(RunState end, String round) {
        Route.Limits limits = end.route().limits();
        EscalationPolicy policy = end.policy();
        List<Called> calls = end.history().calls();
        Called before = null;
        for (Called call : calls) {
            boolean inPlace = call.plan().inPlace();
            assertThat(inPlace && before != null && before.plan().inPlace()).as(round).isFalse();
            assertThat(!inPlace || (before != null && call.lane().equals(before.lane())))
                    .as(round)
                    .isTrue();
            assertThat(
                            ContextGuard.fits(
                                    call.lane(),
                                    end.request().body().facts(),
                                    limits.contextHeadroom()))
                    .as(round)
                    .isTrue();
            before = call;
        }
        long free = calls.stream().filter(c -> policy.use(c) != AttemptUse.ATTEMPT).count();
        assertThat(end.history().attemptsUsed(policy))
                .as(round)
                .isLessThanOrEqualTo(limits.maxAttempts());
        assertThat(end.history().refusals(policy))
                .as(round)
                .isLessThanOrEqualTo(limits.maxRefusals());
        assertThat((long) calls.size())
                .as(round)
                .isLessThanOrEqualTo(2L * limits.maxAttempts() + free);
    }

    private static List<Lane> lanes(Random random) {
        List<Lane> lanes = new ArrayList<>();
        for (int i = 0; i < 1 + random.nextInt(8); i++) {
            LaneDraft draft = lane("local:p%d:i:inference:m%d".formatted(i, random.nextInt(3)));
            if (random.nextBoolean()) {
                draft.window(1000L * random.nextInt(5));
            }
            lanes.add(draft.build());
        }
        return lanes;
    }
}
