package dev.gantry.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.delivery.Delivery;
import dev.gantry.delivery.Outbox;
import dev.gantry.inference.Assignment;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.ModelType;
import dev.gantry.inference.Outcome;
import dev.gantry.inference.RequestOptions;
import dev.gantry.inference.Tier;
import dev.gantry.metering.MeteringSamples;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** What single events show, and what they never do. */
class EventContentTest {
    private final Outbox outbox = new Outbox();

    @AfterEach
    void close() {
        outbox.close();
    }

    @Test
    void aDecisionTellsOfSixteenCandidatesAndThatThereWereMore() {
        List<RouteReport.Candidate> candidates = new ArrayList<>();
        IntStream.range(0, 17)
                .forEach(
                        each ->
                                candidates.add(
                                        new RouteReport.Candidate(
                                                new LaneId(
                                                        Tier.CLOUD,
                                                        "p",
                                                        "i" + each,
                                                        ModelType.INFERENCE,
                                                        "m"),
                                                null,
                                                "mid",
                                                new BigDecimal("0.25"),
                                                Duration.ofMillis(300),
                                                Duration.ofMillis(900),
                                                "half_open",
                                                "failed:server")));
        RouteReport report =
                new RouteReport(candidates, "cost", "assignment", "tier local assigned by role", 4);

        outbox.assigned(new Assignment(Tier.LOCAL, Assignment.Source.ROLE, false));
        outbox.run(
                outbox.delivery(Decisions.ALL),
                new Outcome.Succeeded(Outbox.answered(1)),
                report,
                Outbox.answered(1));

        assertThat(outbox.value("t.routing"))
                .contains(
                        """
                        "assignment":{"tier":"local","source":"role","forced":false,\
                        "applied":false}""",
                        """
                        p:i15:inference:m","eligible":true,"projected_cost":"0.25",\
                        "quality":"mid","p50_ms":300,"p95_ms":900,"circuit":"half_open",\
                        "fate":"failed:server"}],"truncated":true""",
                        "\"max_attempts\":4",
                        """
                        "selected":"frontier:openai:main:inference:gpt-5-mini",\
                        "strategy":"cost","rule":"assignment",\
                        "reason":"tier local assigned by role\"""")
                .doesNotContain("p:i16");
    }

    @Test
    void anAuditThatItsTopicWouldNotTakeIsCondensedBeforeItIsSpooledOrSent() {
        Delivery delivery = outbox.delivery(Decisions.NONE);
        delivery.limitTo(100_000, 2_000);
        Attempt large = Outbox.answered(1, "word ".repeat(500));

        outbox.run(delivery, new Outcome.Succeeded(large), large);

        assertThat(outbox.value("t.audit"))
                .hasSizeLessThan(2_000)
                .contains("\"truncated\":true")
                .doesNotContain("word word");
    }

    @Test
    void whatWasDeclaredAndAskedForStandsOnAuditAndMeter() {
        var declared = new RequestOptions.Sensitivity("confidential", false, true);
        try (Outbox sent = new Outbox(MeteringSamples.request(MeteringSamples.options(declared)))) {
            sent.run(
                    sent.delivery(Decisions.NONE),
                    new Outcome.Failed(FailureCode.ESCALATION_EXHAUSTED, "no lane answered"),
                    Outbox.throttled(1));

            assertThat(sent.history())
                    .filteredOn(each -> !each.topic().matches("t.(results|routing)"))
                    .hasSize(3)
                    .allSatisfy(
                            each ->
                                    assertThat(Outbox.text(each.value()))
                                            .contains(
                                                    "\"operation\":\"chat\"",
                                                    """
                                                    "classification":{"level":"confidential",\
                                                    "contains_pii":false,"contains_phi":true}"""));
        }
    }

    /** Legion's terminal audit names the provider and the model that were tried last. */
    @Test
    void theAuditOfAFailedRequestSaysWhereItWentLast() {
        outbox.run(
                outbox.delivery(Decisions.NONE),
                new Outcome.Failed(FailureCode.ESCALATION_EXHAUSTED, "no lane answered"),
                Outbox.answered(1),
                Outbox.throttled(2));

        assertThat(outbox.header("t.audit", "ce_type")).isEqualTo("dev.gantry.request.audited.v1");
        assertThat(outbox.value("t.audit"))
                .contains("\"routing\":{\"lane\":\"" + MeteringSamples.OTHER_LANE.value() + '"');
    }

    @Test
    void theAuditOfARequestThatWentNowhereNamesNoLane() {
        outbox.run(
                outbox.delivery(Decisions.NONE),
                new Outcome.Failed(FailureCode.NO_LANE_AVAILABLE, "no lane is open"));

        assertThat(outbox.value("t.audit")).doesNotContain("routing", "classification");
    }

    @Test
    void contentOfRestrictedRequestsIsNeverWhole() {
        for (RequestOptions.Sensitivity sensitivity :
                List.of(
                        new RequestOptions.Sensitivity(null, true, false),
                        new RequestOptions.Sensitivity(null, false, true),
                        new RequestOptions.Sensitivity("restricted", false, false))) {
            try (Outbox guarded =
                    new Outbox(MeteringSamples.request(MeteringSamples.options(sensitivity)))) {
                guarded.run(
                        guarded.delivery(Decisions.ALL),
                        new Outcome.Failed(FailureCode.INTERNAL_ERROR, "x"),
                        Outbox.answered(1, "the answer"));

                assertThat(guarded.value("t.audit")).doesNotContain("Wie weit");
                assertThat(guarded.history())
                        .filteredOn(each -> each.topic().equals("t.audit"))
                        .noneMatch(each -> Outbox.text(each.value()).contains("the answer"));
            }
        }
    }
}
