package dev.gantry.escalation;

import static dev.gantry.routing.LaneDraft.lane;
import static dev.gantry.routing.RequestBuilder.request;
import static dev.gantry.routing.SettingsDraft.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.circuit.state.LaneAvailability;
import dev.gantry.classification.Classifier;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptKind;
import dev.gantry.inference.Cancellation;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.memory.ByteBudget;
import dev.gantry.provider.ProviderReply;
import dev.gantry.routing.ContextGuard;
import dev.gantry.routing.Lane;
import dev.gantry.routing.LaneDraft;
import dev.gantry.routing.Route;
import dev.gantry.routing.Router;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Guarantees of the policy over random routes and replies; it is pure, so no clock, no call. */
class RandomClimbTest {
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

    private static final Outlook OPEN =
            new Outlook(
                    TickingClock.START, _ -> new LaneAvailability.Admitted(0), (_, _, _) -> false);

    private final EscalationPolicy policy = new EscalationPolicy(Duration.ofMillis(200));

    @Test
    void lesson51StaysWithinItsBoundsWhateverTheLanesAnswer() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
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
                                            .build())
                            .route(request);

            Trail trail = climb(request, route, random);

            assertBounded(trail, request, route, "seed %d, round %d".formatted(seed, round));
        }
    }

    private Trail climb(InferenceRequest request, Route route, Random random) {
        Trail trail = Trail.EMPTY;
        while (trail.steps().size() < ENOUGH) {
            ProviderReply reply = REPLIES.get(random.nextInt(REPLIES.size()));
            switch (policy.next(request, route, trail, OPEN)) {
                case Next.End _, Next.Blamed _, Next.Reroute _ -> {
                    return trail;
                }
                case Next.Retry retry -> {
                    var choice = new Next.Choice(retry.lane(), AttemptKind.RETRY, retry.reason());
                    trail = trail.with(step(request, choice, true, trail, reply));
                }
                case Next.Enter(var ask) -> {
                    LaneId any =
                            ask.candidates().get(random.nextInt(ask.candidates().size())).lane();
                    Next.Choice choice = EscalationPolicy.choice(route, trail, any, CallMode.PLAIN);
                    trail = trail.with(step(request, choice, false, trail, reply));
                }
            }
        }
        return trail;
    }

    private static Step step(
            InferenceRequest request,
            Next.Choice choice,
            boolean inPlace,
            Trail trail,
            ProviderReply reply) {
        var calls =
                new LaneCall(
                        _ -> (_, _, _, _, _) -> reply,
                        new Classifier(),
                        () -> TickingClock.START,
                        () -> 0);
        Attempt.Dispatch dispatch =
                Dispatches.of(
                        request,
                        choice,
                        trail.nextId(request),
                        choice.lane().timeout(),
                        TickingClock.START);
        return calls.make(
                new LaneCall.Plan(
                        request,
                        choice.lane(),
                        dispatch,
                        CallMode.PLAIN,
                        true,
                        inPlace,
                        0,
                        TickingClock.START),
                new Cancellation(),
                ByteBudget.boundless().hold());
    }

    private static void assertBounded(
            Trail trail, InferenceRequest request, Route route, String round) {
        Step before = null;
        for (Step step : trail.steps()) {
            assertThat(step.inPlace() && before != null && before.inPlace()).as(round).isFalse();
            assertThat(!step.inPlace() || (before != null && step.lane().equals(before.lane())))
                    .as(round)
                    .isTrue();
            assertThat(
                            ContextGuard.fits(
                                    step.lane(),
                                    request.body().facts(),
                                    route.limits().contextHeadroom()))
                    .as(round)
                    .isTrue();
            before = step;
        }
        long free = trail.steps().stream().filter(s -> s.charge() != Charge.ATTEMPT).count();
        assertThat(trail.attemptsUsed())
                .as(round)
                .isLessThanOrEqualTo(route.limits().maxAttempts());
        assertThat(trail.refusals()).as(round).isLessThanOrEqualTo(route.limits().maxRefusals());
        assertThat((long) trail.steps().size())
                .as(round)
                .isLessThanOrEqualTo(2L * route.limits().maxAttempts() + free);
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
