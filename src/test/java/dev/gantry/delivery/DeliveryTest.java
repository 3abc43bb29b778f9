package dev.gantry.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.event.Decisions;
import dev.gantry.event.RouteReport;
import dev.gantry.inference.Assignment;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptFate;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.Outcome;
import dev.gantry.inference.Tier;
import dev.gantry.metering.MeteringSamples;
import dev.gantry.outbox.PendingAcks;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** What leaves, on which topic, in what words; the goldens of every value. */
class DeliveryTest {
    private final Outbox outbox = new Outbox();

    @AfterEach
    void close() {
        outbox.close();
    }

    @Test
    void theLoserOfARaceIsToldOfThoughItCameFirstAndAnswered() {
        Delivery delivery = outbox.delivery(Decisions.ESCALATED);
        delivery.attemptEnded(
                outbox.request(),
                Outbox.answered(1),
                AttemptFate.RACE_LOST,
                MeteringSamples.PRICES,
                delivery.open(outbox.request(), () -> {}));

        assertThat(outbox.topics()).containsExactly("t.audit", "t.metering", "t.routing");
    }

    @Test
    void aPlainSuccessLeavesAuditMeterAndResult() {
        outbox.run(
                outbox.delivery(Decisions.ESCALATED),
                new Outcome.Succeeded(Outbox.answered(1)),
                Outbox.answered(1));

        assertThat(outbox.topics()).containsExactly("t.audit", "t.metering", "t.results");
        assertThat(outbox.completions()).hasValue(1);
        assertThat(outbox.value("t.results"))
                .isEqualTo(
                        """
                        {"id":"batch_req_%s","custom_id":"job-17",\
                        "response":{"status_code":200,"request_id":"req_p1",\
                        "body":{"id":"chatcmpl-1","n":1.50,"text":"Weit. 🙂"}},"error":null,\
                        "gantry":{"request_id":"nightly/job-17","batch_id":"nightly",\
                        "source_topic":"gantry.requests","outcome":"succeeded","lane":"frontier:openai:main:inference:gpt-5-mini",\
                        "attempts":[{"index":1,"attempt_id":"k3v7q2m5x4n6b2c7d5f3g6h4j2~1",\
                        "lane":"frontier:openai:main:inference:gpt-5-mini","provider":"openai",\
                        "model":"gpt-5-mini","status":"succeeded",\
                        "started_at":"2026-11-20T10:00:00.040Z","duration_ms":812,\
                        "cost_usd":"0.00045","cost_state":"final"}],"selected":1,\
                        "cost_usd":"0.00045","cost_state":"final","session_cost_usd":null,\
                        "queued_ms":40,"took_ms":975,"policy":null}}"""
                                .formatted(outbox.resultId()));
        assertThat(outbox.value("t.metering"))
                .isEqualTo(
                        """
                        {"attempt_id":"k3v7q2m5x4n6b2c7d5f3g6h4j2~1","version":30000000,\
                        "evidence":"final","request_id":"nightly/job-17","custom_id":"job-17",\
                        "batch_id":"nightly","conversation_id":"c-9","session_id":"s-4",\
                        "execution":"k3v7q2m5x4n6b2c7d5f3g6h4j2","attempt_no":1,\
                        "attempt_kind":"primary","source_topic":"gantry.requests",\
                        "source_partition":3,"source_offset":41,"worker":"w-1","build":"0.1.0",\
                        "caller":{"identity":"user:jo"},"billing":{"customer":"acme"},\
                        "priority":"normal","tags":{"job":"nightly"},\
                        "lane":"frontier:openai:main:inference:gpt-5-mini","provider":"openai",\
                        "instance":"main","tier":"frontier","operation":"chat",\
                        "model_requested":"small","model_sent":"gpt-5-mini",\
                        "model_served":"gpt-5-mini-2025-08-07","provider_request_id":"req_p1",\
                        "provider_response_id":"chatcmpl-1",\
                        "started_at":"2026-11-20T10:00:00.040Z",\
                        "ended_at":"2026-11-20T10:00:00.852Z","duration_ms":812,"queued_ms":40,\
                        "outcome":"succeeded","http_status":200,"finish_reason":"stop",\
                        "selected":true,"provider_submitted":true,\
                        "usage":{"source":"provider","input_tokens":100,"output_tokens":10},\
                        "lines":[{"kind":"input_uncached","quantity":100,"unit_price":"3",\
                        "per":1000000,"amount":"0.0003"},{"kind":"output_text","quantity":10,\
                        "unit_price":"15","per":1000000,"amount":"0.00015"}],\
                        "cost":{"amount":"0.00045","state":"final","basis":"catalog",\
                        "currency":"USD"},"price":{"source":"config",\
                        "version":"sha256:0123456789ab"},"routing":{"reason":"first_choice",\
                        "decision_id":"k3v7q2m5x4n6b2c7d5f3g6h4j2/d1"}}""");
        assertThat(outbox.value("t.audit"))
                .isEqualTo(
                        """
                        {"request_id":"nightly/job-17","custom_id":"job-17","batch_id":"nightly",\
                        "conversation_id":"c-9","session_id":"s-4",\
                        "execution":"k3v7q2m5x4n6b2c7d5f3g6h4j2","source_topic":"gantry.requests",\
                        "source_partition":3,"source_offset":41,"caller":{"identity":"user:jo"},\
                        "operation":"chat",\
                        "attempt_id":"k3v7q2m5x4n6b2c7d5f3g6h4j2~1","attempt_no":1,\
                        "attempt_kind":"primary",\
                        "provider_response_ref":"nightly/job-17:attempt:1",\
                        "routing":{"lane":"frontier:openai:main:inference:gpt-5-mini",\
                        "provider":"openai","instance":"main","tier":"frontier",\
                        "model":"gpt-5-mini","reason":"first_choice",\
                        "decision_id":"k3v7q2m5x4n6b2c7d5f3g6h4j2/d1"},"http_status":200,\
                        "tokens":{"input":100,"output":10},"status":"success",\
                        "ended_at":"2026-11-20T10:00:00.852Z","latency_ms":812,\
                        "trace_id":"0af7651916cd43dd8448eb211c80319c",\
                        "span_id":"b7ad6b7169203331","content":{"policy":"full",\
                        "messages":[{"role":"user","content":"Wie weit? 🙂"}],\
                        "answer":{"id":"chatcmpl-1","n":1.50,"text":"Weit. 🙂"}}}""");
    }

    @Test
    void aSuccessTellsOfItsRouteUnlessItsFirstLaneAnswered() {
        RouteReport led =
                new RouteReport(
                        List.of(new RouteReport.Candidate(MeteringSamples.OTHER_LANE, null)),
                        "weight",
                        "weight",
                        "highest weight",
                        3);
        outbox.run(
                outbox.delivery(Decisions.ESCALATED),
                new Outcome.Succeeded(Outbox.answered(1)),
                led,
                Outbox.answered(1));

        assertThat(outbox.types()).contains("dev.gantry.routing.decision.v1");
    }

    @Test
    void anEscalatedSuccessTellsOfItsRoute() {
        Attempt refused = Outbox.throttled(1);

        outbox.run(
                outbox.delivery(Decisions.ESCALATED),
                new Outcome.Succeeded(Outbox.answered(2)),
                refused,
                Outbox.answered(2));

        assertThat(outbox.types())
                .containsExactly(
                        "dev.gantry.attempt.audited.v1",
                        "dev.gantry.attempt.metered.v1",
                        "dev.gantry.routing.attempt.v1",
                        "dev.gantry.attempt.audited.v1",
                        "dev.gantry.attempt.metered.v1",
                        "dev.gantry.routing.attempt.v1",
                        "dev.gantry.request.completed.v1",
                        "dev.gantry.routing.decision.v1");
        assertThat(outbox.value("t.routing"))
                .isEqualTo(
                        """
                        {"request_id":"nightly/job-17","custom_id":"job-17","batch_id":"nightly",\
                        "conversation_id":"c-9","session_id":"s-4",\
                        "execution":"k3v7q2m5x4n6b2c7d5f3g6h4j2",\
                        "decision_id":"k3v7q2m5x4n6b2c7d5f3g6h4j2/d1","policy":null,\
                        "max_attempts":3,"needs":["tools"],"estimated_input_tokens":12,"assignment":null,\
                        "candidates":[{"lane":"frontier:openai:main:inference:gpt-5-mini",\
                        "eligible":true,"price_input":"3","price_output":"15",\
                        "projected_cost":"0.012036","circuit":"closed","fate":"selected"},\
                        {"lane":"local:vllm:a:inference:qwen3:30b","eligible":false,\
                        "excluded_by":"context_window"}],\
                        "chosen":"local:vllm:a:inference:qwen3:30b",\
                        "selected":"frontier:openai:main:inference:gpt-5-mini",\
                        "strategy":"weight","rule":"weight","reason":"highest weight",\
                        "attempts":2}""");
        assertThat(outbox.value("t.results"))
                .contains(
                        """
                        "status":"failed","started_at":"2026-11-20T10:00:00.040Z",\
                        "duration_ms":90,"cost_usd":"0","cost_state":"not_billable",\
                        "error":{"kind":"rate_limit","status":429,"message":"no: rate_limit",\
                        "retry_after_ms":1780}}""")
                .contains("\"selected\":2");
    }

    @Test
    void exhaustionEndsInAnErrorAnAuditAndARoutingEvent() {
        String key = "sk-abcdefghijkl";
        Outcome end =
                new Outcome.Failed(
                        FailureCode.ESCALATION_EXHAUSTED, "a: auth, key " + key + " bad");

        outbox.run(outbox.delivery(Decisions.NONE), end, Outbox.throttled(1));

        assertThat(outbox.types())
                .endsWith(
                        "dev.gantry.routing.attempt.v1",
                        "dev.gantry.request.completed.v1",
                        "dev.gantry.request.audited.v1",
                        "dev.gantry.routing.exhausted.v1");
        assertThat(outbox.value("t.results"))
                .contains(
                        """
                        "response":null,"error":{"code":"escalation_exhausted",\
                        "message":"a: auth, key *** bad"}""")
                .contains("\"outcome\":\"failed\"", "\"selected\":null", "\"cost_usd\":\"0\"");
        assertThat(outbox.value("t.audit"))
                .contains(
                        """
                        "attempts":1,"routing":{"lane":"local:vllm:a:inference:qwen3:30b",""",
                        """
                        "status":"escalation_exhausted",""",
                        """
                        "error":{"kind":"escalation_exhausted","message":"a: auth, key *** bad"}""");
        assertThat(outbox.history())
                .noneMatch(each -> new String(each.value(), StandardCharsets.UTF_8).contains(key));
    }

    @Test
    void anAbandonedRequestIsMeteredButHasNoEnd() {
        Attempt cancelled =
                MeteringSamples.lost(
                        1, MeteringSamples.LANE, MeteringSamples.error(ErrorKind.CANCELLED, true));

        outbox.run(outbox.delivery(Decisions.ALL), new Outcome.Abandoned(), cancelled);

        assertThat(outbox.types())
                .containsExactly(
                        "dev.gantry.attempt.audited.v1",
                        "dev.gantry.attempt.metered.v1",
                        "dev.gantry.routing.attempt.v1",
                        "dev.gantry.routing.decision.v1");
        assertThat(outbox.completions()).hasValue(0);
    }

    static Stream<Arguments> failingEnds() {
        Attempt last = Outbox.throttled(1);
        return Stream.concat(
                Stream.of(Arguments.of("rate_limit", new Outcome.Refused(last))),
                Stream.of(
                                FailureCode.ESCALATION_EXHAUSTED,
                                FailureCode.ALL_LANES_BENCHED,
                                FailureCode.BATCH_EXPIRED,
                                FailureCode.CONTEXT_OVERFLOW,
                                FailureCode.NO_LANE_AVAILABLE,
                                FailureCode.BUDGET_EXCEEDED)
                        .map(each -> Arguments.of(each.label(), new Outcome.Failed(each, "why"))));
    }

    /** Harn (row 130): with the last error's category and status. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("failingEnds")
    void everyFailingEndOfAChainIsTold(String code, Outcome end) {
        outbox.run(outbox.delivery(Decisions.NONE), end, Outbox.throttled(1));

        assertThat(outbox.types()).endsWith("dev.gantry.routing.exhausted.v1");
        assertThat(outbox.value("t.routing"))
                .contains(
                        "\"code\":\"" + code + "\"",
                        """
                        "error_kind":"rate_limit","http_status":429""");
    }

    @Test
    void aRequestThatMayNotBeUsedHasNoChainToExhaust() {
        outbox.run(
                outbox.delivery(Decisions.NONE),
                new Outcome.Failed(FailureCode.INVALID_REQUEST, "unknown policy"));

        assertThat(outbox.types()).doesNotContain("dev.gantry.routing.exhausted.v1");
    }

    /** Legion (row 69): also where it left no lane, and no decision is told. */
    @Test
    void anAssignedTierStandsOnTheAuditOfAFailedRequest() {
        outbox.assigned(new Assignment(Tier.LOCAL, Assignment.Source.SENSITIVITY, true));
        String told =
                """
                "assignment":{"tier":"local","source":"sensitivity","forced":true,"applied":true}""";

        outbox.run(
                outbox.delivery(Decisions.NONE),
                new Outcome.Failed(FailureCode.NO_LANE_AVAILABLE, "forced_tier"));
        assertThat(outbox.value("t.audit")).contains(told);
    }

    @Test
    void theWriteAheadSaysWhatIsAboutToHappen() {
        AtomicInteger mayGo = new AtomicInteger();
        Delivery delivery = outbox.delivery(Decisions.NONE);
        PendingAcks acks = delivery.open(outbox.request(), outbox.completions()::incrementAndGet);

        delivery.dispatching(
                outbox.request(),
                MeteringSamples.dispatch(1, MeteringSamples.LANE),
                MeteringSamples.PRICES,
                acks,
                mayGo::incrementAndGet);

        assertThat(mayGo).hasValue(1);
        assertThat(outbox.header("t.metering", "ce_id"))
                .isEqualTo("k3v7q2m5x4n6b2c7d5f3g6h4j2~1/10000000");
        assertThat(outbox.value("t.metering"))
                .contains(
                        """
                        "evidence":"dispatched","expires_at":"2026-11-20T10:01:30.040Z",""",
                        """
                        "outcome":"dispatched","usage":{"source":"none"},"lines":[],\
                        "cost":{"amount":null,"state":"unknown",\
                        "basis":"reservation_upper_bound","upper_bound":"0.01227375",\
                        "currency":"USD"}""")
                .doesNotContain("ended_at", "duration_ms", "selected", "provider_submitted");
    }

    @Test
    void everyRecordCarriesTheAttributesOfCloudEvents() {
        outbox.run(
                outbox.delivery(Decisions.NONE),
                new Outcome.Succeeded(Outbox.answered(1)),
                Outbox.answered(1));

        assertThat(outbox.headers("t.results"))
                .containsExactlyInAnyOrder(
                        "ce_specversion=1.0",
                        "ce_type=dev.gantry.request.completed.v1",
                        "ce_source=/gantry/fleet%20one",
                        "ce_id=batch_req_" + outbox.resultId(),
                        "ce_time=2026-11-20T10:00:01.000Z",
                        "ce_recordedtime=2026-11-20T10:00:01.000Z",
                        "ce_subject=acme",
                        "ce_partitionkey=nightly/job-17",
                        "ce_correlationid=nightly/job-17",
                        "ce_traceparent=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                        "content-type=application/json");
        assertThat(outbox.history())
                .allMatch(each -> Outbox.text(each.key()).equals("nightly/job-17"));
        assertThat(outbox.header("t.audit", "ce_time")).isEqualTo("2026-11-20T10:00:00.852Z");
        assertThat(outbox.header("t.metering", "ce_id"))
                .isEqualTo("k3v7q2m5x4n6b2c7d5f3g6h4j2~1/30000000");
    }
}
