package dev.gantry.escalation;

import static dev.gantry.routing.LaneDraft.lane;
import static dev.gantry.routing.RequestBuilder.request;
import static dev.gantry.routing.SettingsDraft.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.admission.AdmissionControl;
import dev.gantry.admission.AdmissionSettings;
import dev.gantry.admission.WaitReason;
import dev.gantry.budget.Exceeded;
import dev.gantry.budget.Ledgers;
import dev.gantry.circuit.Circuits;
import dev.gantry.circuit.SimulatedFleet;
import dev.gantry.circuit.state.CircuitSettings;
import dev.gantry.circuit.state.QuotaScope;
import dev.gantry.circuit.state.ScopeMembership;
import dev.gantry.classification.Classifier;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptFate;
import dev.gantry.inference.Cancellation;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Outcome;
import dev.gantry.inference.RaceEvent;
import dev.gantry.inference.SuspendedRun;
import dev.gantry.memory.ByteBudget;
import dev.gantry.metering.Cost;
import dev.gantry.metering.MeterReading;
import dev.gantry.metering.PriceList;
import dev.gantry.provider.ProviderReply;
import dev.gantry.routing.Catalogue;
import dev.gantry.routing.CatalogueSnapshot;
import dev.gantry.routing.Lane;
import dev.gantry.routing.LiveRoute;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Queue;
import java.util.function.Function;

/** How much of the good traffic goes on beside requests that always fail; in simulated time. */
class GoodTrafficTest {
    private static final Lane ONLY = lane("frontier:a:x:inference:m").weight(300).build();
    private static final Lane SIBLING = lane("frontier:a:y:inference:m").weight(200).build();
    private static final Duration STEP = Duration.ofMillis(100);
    private static final int PER_STEP = 2;

    /** What the provider says to that one prompt, as long as its request lives. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "a firewall's refusal | 403 | Request blocked by the web application firewall",
                "a bare refusal | 403 | Forbidden",
                "a URL with a telling word | 400 | cannot fetch https://shop.example/unpaid/7.png",
                "the same under 429 | 429 | invoice is unpaid and overdue, quoted from the prompt",
                "a model's name in the prompt | 404 | no such model: the user wrote gpt-9",
                "a crash of its own | 500 | assertion failed in tokenizer",
            })
    void onePromptStopsNobodyElse(String what, int status, String message) {
        Place undisturbed = new Place(2, ONLY, SIBLING);
        undisturbed.run(Duration.ofMinutes(3));
        Place beside = new Place(2, ONLY, SIBLING);
        beside.bad = _ -> Replies.error(status, message);

        beside.begin("bad", 0);
        beside.run(Duration.ofMinutes(3));

        double kept = beside.good / (double) undisturbed.good;
        System.out.printf(Locale.ROOT, "%s: good traffic beside it %.4f%n", what, kept);
        assertThat(kept).isGreaterThanOrEqualTo(0.95);
    }

    /** It is the request's error, so it ends with it, and what it opened is closed again. */
    @Test
    void aRequestThatIsRefusedWhereOthersDoWellEndsWithThatRefusal() {
        Place place = new Place(1, ONLY);
        place.bad = _ -> Replies.error(403, "Request blocked by the web application firewall");

        place.begin("bad", 0);
        place.run(Duration.ofSeconds(30));

        assertThat(place.badOnes).hasSize(1);
        assertThat(place.badOnes.getFirst().outcome()).isInstanceOf(Outcome.Refused.class);
        assertThat(place.badOnes.getFirst().attempts()).hasSizeLessThanOrEqualTo(3);
    }

    @Test
    void aBatchThatAlwaysFailsStopsGoodTrafficForAMinuteAtMost() {
        Place undisturbed = new Place(1, ONLY);
        undisturbed.run(Duration.ofMinutes(3));
        Place beside = new Place(1, ONLY);
        beside.bad = _ -> Replies.BROKEN;
        beside.run(Duration.ofSeconds(5));

        for (int each = 0; each < 60; each++) {
            beside.begin("bad-" + each, 0);
        }
        beside.run(Duration.ofSeconds(60));
        long before = beside.good;
        beside.run(Duration.ofSeconds(115));

        double kept = (beside.good - before) / (undisturbed.good * 115.0 / 180);
        System.out.printf(
                Locale.ROOT, "60 that always fail: good traffic a minute later %.4f%n", kept);
        assertThat(kept).isGreaterThanOrEqualTo(0.9);
        assertThat(beside.badOnes).as("they end").hasSize(60);
    }

    /** Workers of one place, whose calls take no time; each request goes to the next worker. */
    private static final class Place implements AttemptRecorder {
        final List<Conclusion> badOnes = new ArrayList<>();
        Function<InferenceRequest, ProviderReply> bad = _ -> Replies.OK;
        long good;

        private final SimulatedFleet fleet;
        private final List<EscalationLoop> loops = new ArrayList<>();
        private final List<AdmissionControl> traffics = new ArrayList<>();
        private final Queue<Runnable> ready = new ArrayDeque<>();
        private final Catalogue catalogue;
        private long numbers;

        Place(int workers, Lane... lanes) {
            List<ScopeMembership> members = new ArrayList<>();
            for (Lane each : lanes) {
                members.add(new ScopeMembership(each.id(), "acme", QuotaScope.LANE));
            }
            this.fleet = new SimulatedFleet(workers, CircuitSettings.DEFAULT, members, 7);
            this.catalogue =
                    new Catalogue(
                            CatalogueSnapshot.of(
                                    List.of(lanes), settings().build(), PriceList.NONE, "v"));
            for (Circuits each : fleet.workers()) {
                var admission =
                        new AdmissionControl(
                                new AdmissionSettings(200, 1), each, fleet, fleet, () -> true);
                var calls =
                        new LaneCall(
                                _ ->
                                        (request, _, _, _, _, _) ->
                                                request.id().value().startsWith("bad")
                                                        ? bad.apply(request)
                                                        : Replies.OK,
                                new Classifier(),
                                (_, _) -> {},
                                fleet,
                                fleet);
                traffics.add(admission);
                loops.add(
                        new EscalationLoop(
                                calls,
                                each,
                                admission,
                                ByteBudget.boundless(),
                                Ledgers.untouched(),
                                fleet));
            }
        }

        void run(Duration time) {
            for (long step = time.toMillis() / STEP.toMillis(); step > 0; step--) {
                for (int each = 0; each < PER_STEP; each++) {
                    begin("good-" + numbers, (int) (numbers % loops.size()));
                }
                fleet.advance(STEP);
                traffics.forEach(AdmissionControl::lookAround);
                while (!ready.isEmpty()) {
                    ready.remove().run();
                }
            }
        }

        void begin(String id, int worker) {
            numbers++;
            InferenceRequest request =
                    request("m")
                            .id(id)
                            .deadline(fleet.instant().plus(Duration.ofMinutes(30)))
                            .build();
            LiveRoute route = new LiveRoute(catalogue, request);
            try {
                EscalationLoop loop = loops.get(worker);
                after(request, loop.run(request, route, StandardPolicy.INSTANCE, GO_ON, this));
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        private void after(InferenceRequest request, Optional<SuspendedRun> waits) {
            waits.ifPresent(run -> run.whenOver(() -> ready.add(() -> resume(request, run))));
        }

        private void resume(InferenceRequest request, SuspendedRun run) {
            try {
                after(request, run.resume(request));
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void concluded(Conclusion conclusion) {
            if (conclusion.request().id().value().startsWith("bad")) {
                badOnes.add(conclusion);
            } else if (conclusion.outcome() instanceof Outcome.Succeeded) {
                good++;
            }
        }

        @Override
        public boolean dispatching(
                InferenceRequest request, Attempt.Dispatch dispatch, Cancellation call) {
            return true;
        }

        @Override
        public void waiting(InferenceRequest request, WaitReason reason, @Nullable Instant until) {}

        @Override
        public void capped(InferenceRequest request, Attempt.Dispatch call, Exceeded exceeded) {}

        @Override
        public void raced(InferenceRequest request, RaceEvent event) {}

        @Override
        public Cost ended(InferenceRequest request, Attempt attempt, AttemptFate fate) {
            return MeterReading.of(request, attempt, PriceList.NONE).bill().cost();
        }
    }

    private static final Cancellation GO_ON = new Cancellation();
}
