package dev.gantry.escalation;

import static dev.gantry.routing.LaneDraft.lane;
import static dev.gantry.routing.RequestBuilder.request;
import static dev.gantry.routing.SettingsDraft.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.circuit.state.LaneAvailability;
import dev.gantry.circuit.state.LaneFailure;
import dev.gantry.circuit.state.LaneFailure.Reach;
import dev.gantry.inference.AttemptKind;
import dev.gantry.inference.Caps;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.FailoverRules;
import dev.gantry.inference.Outcome.Refused;
import dev.gantry.inference.Outcome.Succeeded;
import dev.gantry.inference.RoutingPolicy;
import dev.gantry.provider.ProviderReply;
import dev.gantry.routing.Lane;
import dev.gantry.routing.RequestBuilder;
import dev.gantry.testbed.Await;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/** Repairs, refusals of a schema and stand-ins under a policy's rules. */
class PolicyRepairTest {
    private static final Lane A = lane("frontier:a:x:inference:m").weight(300).build();
    private static final Lane A_TWO = lane("frontier:a:y:inference:m").weight(200).build();
    private static final Lane A_OLD = lane("frontier:a:z:inference:m").weight(200).build();
    private static final Lane A_OTHER = lane("frontier:a:x:inference:n").weight(100).build();
    private static final Lane B = lane("frontier:b:x:inference:m").weight(90).build();
    private static final Lane C = lane("frontier:c:x:inference:n").weight(80).build();
    private static final ProviderReply NO_TOOLS =
            Replies.error(400, "Unsupported parameter: 'tools'");
    private static final ProviderReply NO_TEMPERATURE =
            Replies.error(400, "Unsupported parameter: 'temperature'");

    private final LoopFixture loop = new LoopFixture();

    @ParameterizedTest
    @ValueSource(strings = {"kind", "status", "permanent"})
    void aSchemaThatLacksSomethingIsLeftForTheNextLinkWhereARuleSaysSo(String rule)
            throws Exception {
        FailoverRules rules =
                FailoverRules.merged(
                        rule.equals("status") ? List.of(400) : List.of(),
                        rule.equals("kind") ? List.of("bad_request") : List.of(),
                        null,
                        null,
                        rule.equals("permanent"),
                        0);
        loop.provider.on(A, NO_TOOLS).on(A_OTHER, Replies.OK);

        Conclusion conclusion = run(policy(rules, "a:m", "a:n"), A, A_OTHER);

        assertThat(loop.provider.lanes()).containsExactly(A.id(), A_OTHER.id());
        assertThat(conclusion.outcome()).isInstanceOf(Succeeded.class);
    }

    @Test
    void aRepairThatCannotBeMadeEndsTheRequestWhereNoRuleListsTheRefusal() throws Exception {
        loop.provider.does(
                A,
                _ -> {
                    bench(A);
                    return NO_TEMPERATURE;
                });

        Conclusion conclusion = run(policy(rules(0), "a:m", "b:m"), A, B);

        assertThat(loop.provider.lanes()).containsExactly(A.id());
        assertThat(conclusion.outcome()).isEqualTo(new Refused(conclusion.attempts().getFirst()));
    }

    @Test
    void aProbeThatIsRefusedForItsFormIsRepairedInPlace() throws Exception {
        loop.circuits.start();
        bench(A);
        loop.clock.advance(Duration.ofMinutes(2));
        Await.until(
                "the probe lies ready",
                () -> {
                    loop.clock.advance(Duration.ofMillis(150)); // wanted anew
                    loop.circuits.wanted(A.id());
                    return loop.circuits.probesReady();
                });
        loop.provider.on(A, NO_TEMPERATURE, Replies.OK);

        Conclusion conclusion = run(policy(rules(0), "a:m"), A);
        loop.circuits.close();

        assertThat(LoopFixture.kinds(conclusion))
                .containsExactly(AttemptKind.PROBE, AttemptKind.PROBE);
        assertThat(conclusion.outcome()).isInstanceOf(Succeeded.class);
        assertThat(loop.circuits.availability(A.id()))
                .isInstanceOf(LaneAvailability.Admitted.class);
    }

    @Test
    void aRepairNeedsNoTimeForAPause() throws Exception {
        loop.provider.on(A, NO_TEMPERATURE, Replies.OK);

        Conclusion conclusion =
                run(
                        sampled()
                                .deadline(loop.clock.instant().plusMillis(300))
                                .policy(policy(rules(1), "a:m")),
                        A);

        assertThat(conclusion.outcome()).isInstanceOf(Succeeded.class);
    }

    @Test
    void aRepairIsNoRepeat() throws Exception {
        loop.hurried = true;
        loop.provider.on(A, NO_TEMPERATURE, Replies.BROKEN, Replies.OK);

        Conclusion conclusion = run(policy(rules(1), "a:m", "b:m"), A, B);

        assertThat(loop.provider.lanes()).containsExactly(A.id(), A.id(), A.id());
        assertThat(conclusion.outcome()).isInstanceOf(Succeeded.class);
    }

    @Test
    void aRepairIsNoRepeatWithoutAPolicyEither() throws Exception {
        loop.hurried = true;
        loop.provider.on(A, NO_TEMPERATURE, Replies.NO_HOST, Replies.OK);

        Conclusion conclusion = loop.run(sampled(), settings(), A, B);

        assertThat(loop.provider.lanes()).containsExactly(A.id(), A.id(), A.id());
        assertThat(conclusion.outcome()).isInstanceOf(Succeeded.class);
    }

    @Test
    void theLastAttemptGoesToTheNextLinkWhateverItsModel() throws Exception {
        loop.provider.on(A, Replies.BROKEN).on(B, Replies.OK);
        FailoverRules twice = FailoverRules.merged(null, null, null, 2, false, 0);

        run(policy(twice, "a:m", "b:m", "c:n"), A, B, C);

        assertThat(loop.provider.lanes()).containsExactly(A.id(), B.id());
    }

    /** Its default bound is the chain's length: each link has its turn. */
    @Test
    void anotherInstanceOfALinkThatFailedComesAfterTheNextLink() throws Exception {
        loop.provider.on(A, Replies.BROKEN).on(A_TWO, Replies.BROKEN).on(B, Replies.OK);

        Conclusion conclusion = run(policy(rules(0), "a:m", "b:m"), A, A_TWO, B);

        assertThat(loop.provider.lanes()).hasSize(2).endsWith(B.id());
        assertThat(conclusion.outcome()).isInstanceOf(Succeeded.class);
    }

    @Test
    void instancesThatTheCatalogueHasOfLateStandInForOneAnother() throws Exception {
        loop.offer(List.of(A_OLD), List.of(A, A_TWO));
        loop.provider.on(A, Replies.BAD_KEY).on(A_TWO, Replies.OK);

        Conclusion conclusion = run(policy(rules(0), "a:m"), A_OLD);

        assertThat(loop.rerouted).isTrue();
        assertThat(loop.provider.lanes()).containsExactly(A.id(), A_TWO.id());
        assertThat(conclusion.outcome()).isInstanceOf(Succeeded.class);
    }

    /** Between the choice of a stand-in and its admission, others may have benched it. */
    @Test
    void theProvidersAnswerStandsWhereItsStandInIsBenchedAtThatMoment() throws Exception {
        loop.policy = new Benching();
        loop.provider.on(A, NO_TOOLS);

        Conclusion conclusion = loop.run(sampled(), settings(), A, B);

        assertThat(loop.provider.lanes()).containsExactly(A.id());
        assertThat(conclusion.outcome())
                .isInstanceOfSatisfying(
                        Refused.class,
                        refused ->
                                assertThat(refused.last().answer())
                                        .satisfies(
                                                each ->
                                                        assertThat(each.body().text())
                                                                .contains("tools")));
    }

    /** The standard rules; B is benched once it has been chosen to stand in. */
    private final class Benching extends ChangedPolicy {
        @Override
        public Next next(RunState state) {
            Next next = super.next(state);
            if (!state.history().facts().isEmpty()) {
                bench(B);
            }
            return next;
        }
    }

    private void bench(Lane lane) {
        var failure = new LaneFailure(ErrorKind.AUTH, Reach.INSTANCE, null, "of another");
        loop.circuits.failed(lane.id(), loop.circuits.now(), failure);
    }

    private Conclusion run(RoutingPolicy policy, Lane... lanes) throws InterruptedException {
        return run(sampled().policy(policy), lanes);
    }

    private Conclusion run(RequestBuilder request, Lane... lanes) throws InterruptedException {
        return loop.run(request, settings(), lanes);
    }

    private static RequestBuilder sampled() {
        return request().members("model", "temperature");
    }

    private static FailoverRules rules(int retries) {
        return FailoverRules.merged(null, null, null, null, false, retries);
    }

    private static RoutingPolicy policy(FailoverRules rules, String... links) {
        return new RoutingPolicy(
                "p",
                Arrays.stream(links)
                        .map(each -> each.split(":", 2))
                        .map(each -> RoutingPolicy.Link.of(each[0], each[1], null, null, null))
                        .toList(),
                rules,
                RoutingPolicy.Latency.NONE,
                Caps.NONE,
                RoutingPolicy.DEFAULT_EVENT);
    }
}
