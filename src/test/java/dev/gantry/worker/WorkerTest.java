package dev.gantry.worker;

import static dev.gantry.routing.LaneDraft.lane;
import static dev.gantry.routing.RequestBuilder.request;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.admission.WaitReason;
import dev.gantry.circuit.state.LaneFailure;
import dev.gantry.circuit.state.LaneFailure.Reach;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.Capability;
import dev.gantry.inference.Caps;
import dev.gantry.inference.Effort;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.FailoverRules;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.Outcome;
import dev.gantry.inference.Rejection;
import dev.gantry.inference.RequestOptions.Intent;
import dev.gantry.inference.RequestOptions.Sensitivity;
import dev.gantry.inference.RoutingPolicy;
import dev.gantry.inference.SourcePosition;
import dev.gantry.inference.SourceRecord;
import dev.gantry.inference.SuspendedRun;
import dev.gantry.provider.ProviderReply;
import dev.gantry.routing.Lane;
import dev.gantry.testbed.Await;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;

class WorkerTest {
    private static final Lane A = lane("local:a:x:inference:m").weight(200).build();
    private static final Lane B = lane("local:b:x:inference:m").weight(100).build();

    private static final Lane C = lane("local:c:x:inference:m").weight(50).build();

    private final WorkerFixture worker = new WorkerFixture(A, B);

    @AfterEach
    void close() {
        worker.close();
    }

    @Test
    void aRequestIsSafeOnceAllItsRecordsAre() throws Exception {
        worker.broker.hold();

        assertThat(worker.work(request("m"))).isEmpty();
        assertThat(worker.ends).isEmpty();
        worker.broker.takeAll();

        assertThat(worker.ends).containsExactly("safe");
        assertThat(worker.broker.topics()).containsOnlyOnce("t.results").contains("t.metering");
    }

    @Test
    void aRequestThatIsGivenUpIsAbandonedOnceAndHasNoResult() throws Exception {
        worker.provider =
                call -> {
                    worker.handle.cancellation().cancel();
                    return new ProviderReply.Cancelled(true);
                };

        assertThat(worker.work(request("m"))).isEmpty();
        worker.broker.takeAll();

        assertThat(worker.ends).containsExactly("abandoned");
        assertThat(worker.broker.topics()).doesNotContain("t.results").contains("t.metering");
        assertThat(worker.conclusions)
                .extracting(each -> each.outcome())
                .containsExactly(new Outcome.Abandoned());
    }

    @Test
    void aRequestWithoutALaneIsAnsweredToo() throws Exception {
        assertThat(worker.work(request("nowhere"))).isEmpty();

        assertThat(worker.ends).containsExactly("safe");
        assertThat(worker.broker.values("t.results").getFirst()).contains("no_lane_available");
        assertThat(worker.readings).isEmpty();
    }

    /** Harn (rows 126, 134, 135): as it was decided, and what became of it. */
    @Test
    void aDecisionTellsHowEachLaneStoodThenAndWhatBecameOfIt() throws Exception {
        WorkerFixture three = new WorkerFixture(A, B, C);
        refused(three, A);
        Await.until("benched", () -> three.benched(A.id()));
        three.provider =
                lane -> {
                    refused(three, B);
                    return lane.equals(B.id())
                            ? new ProviderReply.TimedOut(Duration.ofSeconds(60), true)
                            : WorkerFixture.OK;
                };

        assertThat(three.work(request("m").needs(Capability.TOOLS))).isEmpty();
        three.close();

        assertThat(three.calls).containsExactly(B.id(), C.id());
        assertThat(decision(three))
                .contains(
                        fate(A, "open", "skipped:open"),
                        fate(B, "closed", "failed:timeout"),
                        fate(C, "closed", "selected"),
                        "\"chosen\":\"" + B.id() + "\",\"selected\":\"" + C.id() + "\"",
                        "\"strategy\":\"weight\",\"rule\":\"weight\"",
                        "\"reason\":\"highest weight; " + A.id() + " was open\"",
                        "\"max_attempts\":3",
                        "\"needs\":[\"tools\"]");
    }

    @Test
    void whatTheCallerAsksOfTheAnswerIsANeedOfTheDecision() throws Exception {
        Intent intent = new Intent(Set.of(Capability.VISION), Effort.REASONING, null, null);
        bench(A);

        assertThat(worker.work(request("m").needs(Capability.TOOLS).intent(intent))).isEmpty();

        assertThat(decision(worker))
                .contains("\"needs\":[\"tools\",\"vision\",\"thinking\"],\"effort\":\"reasoning\"");
    }

    @Test
    void aRequestGivenUpAfterACallHasADecisionAndNoEnd() throws Exception {
        worker.provider =
                lane -> {
                    worker.handle.cancellation().cancel();
                    return new ProviderReply.Cancelled(true);
                };

        assertThat(worker.work(request("m"))).isEmpty();

        assertThat(decision(worker))
                .contains(fate(A, "closed", "failed:cancelled"), "\"selected\":null");
        assertThat(worker.broker.topics()).doesNotContain("t.results");
    }

    /** Legion (row 69): the first lane answered, and no decision is told. */
    @Test
    void anAssignedTierStandsOnAuditAndMeterOfASuccess() throws Exception {
        assertThat(worker.work(request("m").sensitivity(new Sensitivity(null, false, true))))
                .isEmpty();

        String told =
                """
                "assignment":{"tier":"local","source":"sensitivity","forced":true,"applied":true}""";
        assertThat(worker.broker.topics()).doesNotContain("t.routing");
        assertThat(worker.broker.values("t.audit")).singleElement().asString().contains(told);
        assertThat(worker.broker.values("t.metering")).singleElement().asString().contains(told);
    }

    private static String decision(WorkerFixture of) {
        List<String> decisions =
                of.broker.values("t.routing").stream()
                        .filter(each -> each.contains("\"candidates\""))
                        .toList();
        assertThat(decisions).hasSize(1);
        return decisions.getFirst();
    }

    private static String fate(Lane lane, String circuit, String fate) {
        return """
                {"lane":"%s","eligible":true,"price_input":"0.001","price_output":"0.001",\
                "circuit":"%s","fate":"%s"}"""
                .formatted(lane.id(), circuit, fate);
    }

    @Test
    void sendsNothingBeforeTheDispatchIsSafe() throws Exception {
        worker.broker.hold();
        Thread work = worker.start(request("m"), WriteAhead.ON);

        worker.broker.await("t.metering");
        assertThat(worker.calls).isEmpty();
        assertThat(worker.broker.values("t.metering").getFirst()).contains("\"dispatched\"");
        worker.broker.takeAll();
        work.join();
        worker.broker.takeAll();

        assertThat(worker.calls).containsExactly(A.id());
        assertThat(worker.ends).containsExactly("safe");
    }

    @Test
    void writesNoDispatchAheadWhereThatIsOff() throws Exception {
        worker.broker.hold();

        assertThat(worker.work(request("m"))).isEmpty();

        assertThat(worker.calls).containsExactly(A.id());
        assertThat(worker.broker.values("t.metering"))
                .singleElement()
                .asString()
                .contains("\"succeeded\"");
    }

    @Test
    void aRequestThatIsCancelledWhileItsDispatchIsWrittenSendsNothing() throws Exception {
        worker.broker.hold();
        Thread work = worker.start(request("m"), WriteAhead.ON);
        worker.broker.await("t.metering");

        worker.handle.cancellation().cancel();
        work.join();
        worker.broker.takeAll();

        assertThat(worker.calls).isEmpty();
        assertThat(worker.ends).containsExactly("abandoned");
        Attempt only = worker.conclusions.getFirst().attempts().getFirst();
        assertThat(only.error()).isNotNull();
        assertThat(only.error().kind()).isEqualTo(ErrorKind.CANCELLED);
        assertThat(only.error().submitted()).isFalse();
    }

    /** The broker may be away for longer than the request lives. */
    @Test
    void aDispatchThatIsNotSafeInTimeSendsNothing() throws Exception {
        worker.broker.hold();
        Thread work =
                worker.start(
                        request("m").deadline(WorkerFixture.NOW.plusMillis(20)), WriteAhead.ON);

        work.join();

        assertThat(worker.calls).isEmpty();
        assertThat(worker.readings).isNotEmpty().allMatch(each -> each.bill().lines().isEmpty());
        assertThat(worker.ends).isEmpty();
    }

    @Test
    void theTimeThatTheLoserOfARaceTookIsNotItsLanes() throws Exception {
        var policy =
                new RoutingPolicy(
                        "p",
                        List.of(
                                RoutingPolicy.Link.of("a", "m", null, null, null),
                                RoutingPolicy.Link.of("b", "m", null, null, null)),
                        FailoverRules.DEFAULT,
                        new RoutingPolicy.Latency(Duration.ofMillis(1), null),
                        Caps.NONE,
                        RoutingPolicy.DEFAULT_EVENT);
        worker.late = A.id();
        for (int race = 0; race < 10; race++) {
            assertThat(worker.work(request("m").policy(policy))).isEmpty();
        }

        assertThat(worker.latency(A)).isNull();
        assertThat(worker.latency(B)).isNotNull();
    }

    @Test
    void showsTheLaneThatIsBeingCalledAndNoneAfterwards() throws Exception {
        var called = new CountDownLatch(1);
        var answer = new CountDownLatch(1);
        worker.provider =
                call -> {
                    called.countDown();
                    WorkerFixture.await(answer);
                    return WorkerFixture.OK;
                };
        Thread work = worker.start(request("m"), WriteAhead.OFF);

        called.await();
        assertThat(worker.handle.lane()).isEqualTo(A.id());
        answer.countDown();
        work.join();

        assertThat(worker.handle.lane()).isNull();
    }

    @Test
    void metersEachAttemptOnceAndCountsItsReadingInTheResult() throws Exception {
        worker.provider = call -> call.equals(A.id()) ? WorkerFixture.BROKEN : WorkerFixture.OK;

        assertThat(worker.work(request("m"))).isEmpty();

        assertThat(worker.readings).hasSize(2);
        assertThat(worker.broker.values("t.metering")).hasSize(2);
        assertThat(worker.broker.values("t.metering").getFirst()).contains("\"selected\":false");
        assertThat(worker.broker.values("t.metering").getLast()).contains("\"selected\":true");
        assertThat(worker.broker.values("t.results").getFirst())
                .contains("\"cost_usd\":\"0.00000003\",\"cost_state\":\"final\"}]");
        assertThat(worker.readings.getLast().bill().cost().amount())
                .isEqualByComparingTo("0.00000003");
    }

    @Test
    void aRequestThatWaitsHasNeitherEndNorBodyAndGoesOnWhenReadAgain() throws Exception {
        bench(A);
        bench(B);

        SuspendedRun run = worker.work(request("m")).orElseThrow();

        assertThat(worker.ends).isEmpty();
        assertThat(worker.waits).containsExactly(WaitReason.BENCHED);
        assertThat(worker.broker.topics()).containsExactly("t.routing");
        assertThat(run.inLine()).isFalse();
        assertThat(run.begun()).isFalse();
        run.dropBody();
        assertThat(run.request()).isNull();

        worker.pass(Duration.ofMinutes(10));
        assertThat(run.resume(request("m").build())).isEmpty();

        assertThat(worker.calls).containsExactly(A.id());
        assertThat(worker.ends).containsExactly("safe");
    }

    @Test
    void aRequestThatWaitsKeepsNoAnswerOfItsEarlierAttempts() throws Exception {
        worker.provider = call -> WorkerFixture.BROKEN;

        SuspendedRun run = worker.work(request("m")).orElseThrow();

        assertThat(run.begun()).isTrue();
        assertThat(worker.heldBytes()).isZero();
        worker.provider = call -> WorkerFixture.OK;
        worker.pass(Duration.ofSeconds(2));
        assertThat(run.resume(request("m").build())).isEmpty();
        assertThat(worker.conclusions.getFirst().attempts())
                .hasSize(3)
                .allSatisfy(
                        each -> {
                            assertThat(each.answer()).isNotNull();
                            assertThat(each.answer().body().bytes().length > 0)
                                    .isEqualTo(each.succeeded());
                        })
                .first()
                .satisfies(
                        each -> {
                            assertThat(each.status()).isEqualTo(500);
                            assertThat(each.error()).isNotNull();
                            assertThat(each.error().message()).contains("Internal server error");
                        });
        assertThat(worker.readings).hasSize(3);
    }

    @Test
    void aRequestWhoseLanesAreGoneGoesOnWithOthersAndKeepsWhatItCost() throws Exception {
        Lane other = lane("local:c:x:inference:m").build();
        worker.provider = call -> call.equals(other.id()) ? WorkerFixture.OK : WorkerFixture.BROKEN;
        SuspendedRun run = worker.work(request("m")).orElseThrow();
        var over = new CountDownLatch(1);
        run.whenOver(over::countDown);

        worker.offer(List.of(A, B), List.of(other));
        worker.pass(Duration.ofSeconds(2)); // both lanes rested until now
        assertThat(over.getCount()).isZero();
        assertThat(run.resume(request("m").build())).isEmpty();

        assertThat(worker.calls).containsExactly(A.id(), B.id(), other.id());
        assertThat(worker.ends).containsExactly("safe");
        assertThat(worker.readings).hasSize(3);
        assertThat(worker.broker.values("t.results").getFirst())
                .contains("\"lane\":\"local:c:x:inference:m\"", "\"cost_usd\":\"0.00000003\"");
    }

    @Test
    void whoWaitsGoesOnWithTheKeyAndThePriceOfNow() throws Exception {
        Lane renewed = lane("local:a:x:inference:m").weight(200).key("second").build();
        worker.provider = _ -> WorkerFixture.BROKEN;
        SuspendedRun run = worker.work(request("m")).orElseThrow();
        worker.provider = _ -> WorkerFixture.OK;

        worker.offer(List.of(A, B), List.of(renewed, B), "0.003");
        worker.pass(Duration.ofSeconds(2));
        assertThat(run.resume(request("m").build())).isEmpty();

        assertThat(worker.targets).containsExactly(A.target(), B.target(), renewed.target());
        assertThat(worker.readings.getLast().bill().cost().amount())
                .isEqualByComparingTo("0.00000009");
    }

    @Test
    void whoIsRoutedAnewPaysWhatItsNewLaneCostsNow() throws Exception {
        Lane other = lane("local:c:x:inference:other").build();
        Lane moved = lane("local:c:x:inference:other").aliases("m").build();
        worker.offer(List.of(A, B), List.of(A, B, other), "0.001");
        worker.provider = _ -> WorkerFixture.BROKEN;
        SuspendedRun run = worker.work(request("m")).orElseThrow();
        worker.provider = _ -> WorkerFixture.OK;

        worker.offer(List.of(A, B, other), List.of(moved), "0.003");
        worker.pass(Duration.ofSeconds(2));
        assertThat(run.resume(request("m").build())).isEmpty();

        assertThat(worker.calls).containsExactly(A.id(), B.id(), moved.id());
        assertThat(worker.readings.getLast().bill().cost().amount())
                .isEqualByComparingTo("0.00000009");
    }

    @Test
    void aCallWithAReplacedKeySaysNothingOfItsLane() throws Exception {
        Lane renewed = lane("local:a:x:inference:m").weight(200).key("second").build();
        worker.offer(List.of(A, B), List.of(A, B));
        worker.provider =
                call -> {
                    if (call.equals(B.id())) {
                        return WorkerFixture.OK;
                    }
                    worker.offer(List.of(A, B), List.of(renewed, B));
                    return WorkerFixture.UNAUTHORIZED;
                };

        assertThat(worker.work(request("m"))).isEmpty();

        assertThat(worker.calls).containsExactly(A.id(), B.id());
        assertThat(worker.benched(A.id())).isFalse();
        assertThat(worker.work(request("m"))).isEmpty();
        assertThat(worker.targets.getLast()).isEqualTo(B.target());
        assertThat(worker.targets.get(2)).isEqualTo(renewed.target());
        assertThat(worker.benched(A.id())).as("of the key of now it does").isTrue();
    }

    @Test
    void aRequestThatLeavesItsLineEndsNothing() throws Exception {
        bench(A);
        bench(B);
        SuspendedRun run = worker.work(request("m")).orElseThrow();

        run.leave();
        run.leave();
        worker.pass(Duration.ofMinutes(10));

        assertThat(worker.calls).isEmpty();
        assertThat(worker.ends).isEmpty();
    }

    @Test
    void aRecordThatIsNoRequestIsSafeAsADeadLetter() throws Exception {
        var record =
                new SourceRecord(
                        new SourcePosition("t.requests", 0, 7, 0), null, new byte[0], List.of());

        worker.reject(
                new Rejection(record, FailureCode.INVALID_REQUEST, "value: is empty", null, null));

        assertThat(worker.ends).containsExactly("safe");
        assertThat(worker.rejections).hasSize(1);
        assertThat(worker.broker.topics()).contains("t.dead-letters").doesNotContain("t.results");
    }

    private void bench(Lane lane) throws Exception {
        refused(worker, lane);
        Await.until("benched", () -> worker.benched(lane.id()));
    }

    private static void refused(WorkerFixture by, Lane lane) {
        by.circuits.failed(
                lane.id(),
                by.circuits.now(),
                new LaneFailure(
                        ErrorKind.RATE_LIMIT, Reach.LANE, Duration.ofMinutes(5), "HTTP 429"));
    }
}
