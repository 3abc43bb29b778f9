package dev.gantry.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.audit.AuditSettings;
import dev.gantry.inference.Answer;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Outcome;
import dev.gantry.inference.Payload;
import dev.gantry.metering.Samples;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** What leaves, on which topic, in what words; the goldens of every value. */
class DeliveryTest {
    private static final RouteReport ROUTE =
            new RouteReport(
                    List.of(
                            new RouteReport.Candidate(Samples.LANE, null),
                            new RouteReport.Candidate(Samples.OTHER_LANE, "context_window")),
                    "weight");

    private final MockProducer<byte[], byte[]> producer =
            new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    private final Publisher publisher = new Publisher(() -> producer);
    private final AtomicInteger completions = new AtomicInteger();
    private final InferenceRequest request = Samples.request();

    @AfterEach
    void close() {
        publisher.close();
    }

    @Test
    void aPlainSuccessLeavesAuditMeterAndResult() {
        run(delivery(Decisions.ESCALATED), new Outcome.Succeeded(answered(1)), answered(1));

        assertThat(topics()).containsExactly("t.audit", "t.metering", "t.results");
        assertThat(completions).hasValue(1);
        assertThat(value("t.results"))
                .isEqualTo(
                        """
                        {"id":"batch_req_%s","custom_id":"job-17",\
                        "response":{"status_code":200,"request_id":"req_p1",\
                        "body":{"id":"chatcmpl-1","n":1.50,"text":"Weit. 🙂"}},"error":null,\
                        "gantry":{"request_id":"nightly/job-17","batch_id":"nightly",\
                        "outcome":"succeeded","lane":"frontier:openai:main:inference:gpt-5-mini",\
                        "attempts":[{"index":1,"attempt_id":"k3v7q2m5x4n6b2c7d5f3g6h4j2~1",\
                        "lane":"frontier:openai:main:inference:gpt-5-mini","provider":"openai",\
                        "model":"gpt-5-mini","status":"succeeded",\
                        "started_at":"2026-11-20T10:00:00.040Z","duration_ms":812,\
                        "cost_usd":"0.00045","cost_state":"final"}],"selected":1,\
                        "cost_usd":"0.00045","cost_state":"final","session_cost_usd":null,\
                        "queued_ms":40,"took_ms":975,"policy":null}}"""
                                .formatted(resultId()));
        assertThat(value("t.metering"))
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
        assertThat(value("t.audit"))
                .isEqualTo(
                        """
                        {"request_id":"nightly/job-17","custom_id":"job-17","batch_id":"nightly",\
                        "conversation_id":"c-9","session_id":"s-4",\
                        "execution":"k3v7q2m5x4n6b2c7d5f3g6h4j2","source_topic":"gantry.requests",\
                        "source_partition":3,"source_offset":41,"caller":{"identity":"user:jo"},\
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
    void anEscalatedSuccessTellsOfItsRoute() {
        Attempt refused = throttled(1);

        run(
                delivery(Decisions.ESCALATED),
                new Outcome.Succeeded(answered(2)),
                refused,
                answered(2));

        assertThat(types())
                .containsExactly(
                        "dev.gantry.attempt.audited.v1",
                        "dev.gantry.attempt.metered.v1",
                        "dev.gantry.routing.attempt.v1",
                        "dev.gantry.attempt.audited.v1",
                        "dev.gantry.attempt.metered.v1",
                        "dev.gantry.routing.attempt.v1",
                        "dev.gantry.request.completed.v1",
                        "dev.gantry.routing.decision.v1");
        assertThat(value("t.routing"))
                .isEqualTo(
                        """
                        {"request_id":"nightly/job-17","custom_id":"job-17","batch_id":"nightly",\
                        "conversation_id":"c-9","session_id":"s-4",\
                        "execution":"k3v7q2m5x4n6b2c7d5f3g6h4j2",\
                        "decision_id":"k3v7q2m5x4n6b2c7d5f3g6h4j2/d1","policy":null,\
                        "needs":["tools"],"estimated_input_tokens":12,\
                        "candidates":[{"lane":"frontier:openai:main:inference:gpt-5-mini",\
                        "eligible":true,"price_input":"3","price_output":"15"},\
                        {"lane":"local:vllm:a:inference:qwen3:30b","eligible":false,\
                        "excluded_by":"context_window"}],\
                        "chosen":"local:vllm:a:inference:qwen3:30b","reason":"weight",\
                        "attempts":2}""");
        assertThat(value("t.results"))
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

        run(delivery(Decisions.NONE), end, throttled(1));

        assertThat(types())
                .endsWith(
                        "dev.gantry.routing.attempt.v1",
                        "dev.gantry.request.completed.v1",
                        "dev.gantry.request.audited.v1",
                        "dev.gantry.routing.exhausted.v1");
        assertThat(value("t.results"))
                .contains(
                        """
                        "response":null,"error":{"code":"escalation_exhausted",\
                        "message":"a: auth, key *** bad"}""")
                .contains("\"outcome\":\"failed\"", "\"selected\":null", "\"cost_usd\":\"0\"");
        assertThat(value("t.audit"))
                .contains(
                        """
                        "attempts":1,"status":"escalation_exhausted",""",
                        """
                        "error":{"kind":"escalation_exhausted","message":"a: auth, key *** bad"}""");
        assertThat(producer.history())
                .noneMatch(each -> new String(each.value(), StandardCharsets.UTF_8).contains(key));
    }

    @Test
    void aProvidersRefusalKeepsItsResponse() {
        Answer answer = Samples.answer(400, "{\"error\":{\"message\":\"no\"}}", null);
        Attempt attempt = Samples.failed(1, Samples.LANE, answer, ErrorKind.BAD_REQUEST);

        run(delivery(Decisions.NONE), new Outcome.Refused(attempt), attempt);

        assertThat(value("t.results"))
                .contains(
                        """
                        "response":{"status_code":400,"request_id":"req_p1",\
                        "body":{"error":{"message":"no"}}},"error":null""")
                .contains("\"outcome\":\"refused\"", "\"selected\":null");
    }

    @Test
    void aPageThatIsNotJsonBecomesAString() {
        byte[] page = "<h1>Bad \"Gateway\"</h1>\n".getBytes(StandardCharsets.UTF_8);
        Answer answer = new Answer(502, Payload.opaque(page), null, null, null, null, null, null);
        Attempt attempt = Samples.failed(1, Samples.LANE, answer, ErrorKind.SERVER);

        run(delivery(Decisions.NONE), new Outcome.Refused(attempt), attempt);

        assertThat(value("t.results"))
                .contains(
                        """
                        "response":{"status_code":502,"request_id":null,\
                        "body":"<h1>Bad \\"Gateway\\"</h1>\\n"}""")
                .contains(
                        "\"outcome\":\"failed\"",
                        "\"cost_usd\":null",
                        "\"cost_state\":\"unknown\"");
    }

    @Test
    void aBrokenAnswerIsNeverPassedOnAsASuccess() {
        Answer answer = Samples.answer(200, "{\"half\":1}", null);
        Attempt attempt = Samples.failed(1, Samples.LANE, answer, ErrorKind.SERVER);

        run(delivery(Decisions.NONE), new Outcome.Refused(attempt), attempt);

        assertThat(value("t.results"))
                .contains("\"response\":null", "\"code\":\"escalation_exhausted\"");
    }

    @Test
    void anAbandonedRequestIsMeteredButHasNoEnd() {
        Attempt cancelled = Samples.lost(1, Samples.LANE, Samples.error(ErrorKind.CANCELLED, true));

        run(delivery(Decisions.ALL), new Outcome.Abandoned(), cancelled);

        assertThat(topics()).containsExactly("t.audit", "t.metering", "t.routing");
        assertThat(completions).hasValue(0);
    }

    @Test
    void anAnswerThatDoesNotFitEndsAsResultTooLarge() {
        Delivery delivery = delivery(Decisions.NONE);
        delivery.limitResultsTo(900);
        Attempt attempt = answered(1, "x".repeat(1000));

        run(delivery, new Outcome.Succeeded(attempt), attempt);

        assertThat(value("t.results"))
                .contains(
                        """
                        "response":null,"error":{"code":"result_too_large",\
                        "message":"the answer of 1002 bytes does not fit into a result of at most \
                        900 bytes"}""")
                .contains(
                        "\"outcome\":\"failed\"", "\"selected\":null", "\"cost_usd\":\"0.00045\"");
        assertThat(value("t.metering")).contains("\"selected\":false");
        assertThat(types()).contains("dev.gantry.request.audited.v1");
    }

    @Test
    void aResultThatItsSurroundingsMakeTooLargeIsReplaced() {
        Delivery delivery = delivery(Decisions.NONE);
        delivery.limitResultsTo(1500);
        Attempt attempt = answered(1, "x".repeat(1200));

        run(delivery, new Outcome.Succeeded(attempt), attempt);

        assertThat(value("t.results")).contains("\"code\":\"result_too_large\"");
    }

    @Test
    void aResultThatTheBrokerFindsTooLargeIsReplaced() {
        MockProducer<byte[], byte[]> picky =
                new MockProducer<>(
                        false, null, new ByteArraySerializer(), new ByteArraySerializer());
        try (Publisher publisher = new Publisher(() -> picky)) {
            Delivery delivery =
                    new Delivery(
                            publisher,
                            settings(Decisions.NONE, AuditSettings.Content.NONE),
                            Samples.PRICES,
                            () -> Samples.RECEIVED);
            Receipt receipt = delivery.open(request, completions::incrementAndGet);

            delivery.conclude(
                    new Conclusion(request, new Outcome.Succeeded(answered(1)), List.of()),
                    ROUTE,
                    receipt);
            picky.errorNext(new RecordTooLargeException("no"));

            org.awaitility.Awaitility.await().until(picky::completeNext);
            assertThat(text(picky.history().getLast().value()))
                    .contains("\"code\":\"result_too_large\"");
            org.awaitility.Awaitility.await().untilAtomic(completions, org.hamcrest.Matchers.is(1));
        }
    }

    @Test
    void theWriteAheadSaysWhatIsAboutToHappen() {
        AtomicInteger mayGo = new AtomicInteger();
        Delivery delivery = delivery(Decisions.NONE);
        Receipt receipt = delivery.open(request, completions::incrementAndGet);

        delivery.dispatching(
                request, Samples.dispatch(1, Samples.LANE), receipt, mayGo::incrementAndGet);

        assertThat(mayGo).hasValue(1);
        assertThat(header("t.metering", "ce_id"))
                .isEqualTo("k3v7q2m5x4n6b2c7d5f3g6h4j2~1/10000000");
        assertThat(value("t.metering"))
                .contains(
                        """
                        "evidence":"dispatched","expires_at":"2026-11-20T10:01:30.040Z",""",
                        """
                        "outcome":"dispatched","usage":{"source":"none"},"lines":[],\
                        "cost":{"amount":null,"state":"unknown",\
                        "basis":"reservation_upper_bound","upper_bound":"0.012045",\
                        "currency":"USD"}""")
                .doesNotContain("ended_at", "duration_ms", "selected", "provider_submitted");
    }

    @Test
    void everyRecordCarriesTheAttributesOfCloudEvents() {
        run(delivery(Decisions.NONE), new Outcome.Succeeded(answered(1)), answered(1));

        assertThat(headers("t.results"))
                .containsExactlyInAnyOrder(
                        "ce_specversion=1.0",
                        "ce_type=dev.gantry.request.completed.v1",
                        "ce_source=/gantry/fleet%20one",
                        "ce_id=batch_req_" + resultId(),
                        "ce_time=2026-11-20T10:00:01.000Z",
                        "ce_recordedtime=2026-11-20T10:00:01.000Z",
                        "ce_subject=acme",
                        "ce_partitionkey=nightly/job-17",
                        "ce_correlationid=nightly/job-17",
                        "ce_traceparent=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                        "content-type=application/json");
        assertThat(producer.history()).allMatch(each -> text(each.key()).equals("nightly/job-17"));
        assertThat(header("t.audit", "ce_time")).isEqualTo("2026-11-20T10:00:00.852Z");
        assertThat(header("t.metering", "ce_id"))
                .isEqualTo("k3v7q2m5x4n6b2c7d5f3g6h4j2~1/30000000");
    }

    @Test
    void aDeadLetterIsTheRecordAsItCameAndItsReason() {
        ConsumerRecord<byte[], byte[]> record = record("{\"custom_id\":\"bad\"");
        record.headers().add("mine", "1".getBytes(StandardCharsets.UTF_8));

        delivery(Decisions.NONE)
                .deadLetter(
                        record,
                        new Rejection("invalid_request", "no body, sk-abcdefghijkl", "bad", null),
                        completions::incrementAndGet);

        assertThat(value("t.dead-letters")).isEqualTo("{\"custom_id\":\"bad\"");
        assertThat(headers("t.dead-letters"))
                .containsExactly(
                        "mine=1",
                        "gantry-error-code=invalid_request",
                        "gantry-error-message=no body, ***",
                        "gantry-source-topic=in",
                        "gantry-source-partition=2",
                        "gantry-source-offset=7",
                        "gantry-source-timestamp=-1");
        assertThat(value("t.results"))
                .contains(
                        """
                        "custom_id":"bad","response":null,"error":{"code":"invalid_request",\
                        "message":"no body, ***"},"gantry":{"request_id":"bad","batch_id":null,\
                        "outcome":"invalid","lane":null,"attempts":[],"selected":null,\
                        "cost_usd":"0","cost_state":"not_billable\"""");
        assertThat(header("t.results", "ce_subject")).isEqualTo("anonymous");
        assertThat(completions).hasValue(1);
    }

    @Test
    void aDeadLetterOfNobodyHasNoResult() {
        delivery(Decisions.NONE)
                .deadLetter(
                        new ConsumerRecord<>("in", 2, 7, null, null),
                        new Rejection("invalid_request", "a null value", null, null),
                        completions::incrementAndGet);

        assertThat(topics()).containsExactly("t.dead-letters");
        assertThat(producer.history().getFirst().value()).isNull();
        assertThat(completions).hasValue(1);
    }

    @Test
    void halfACharacterInAMessageCostsNoRecord() {
        Outcome end = new Outcome.Failed(FailureCode.INTERNAL_ERROR, "cut \ud83d here 🙂");

        run(delivery(Decisions.NONE), end);

        assertThat(value("t.results")).contains("cut \ufffd here 🙂");
    }

    @Test
    void aRedeliveryRepeatsTheIdOfTheResult() {
        run(delivery(Decisions.NONE), new Outcome.Succeeded(answered(1)), answered(1));
        run(delivery(Decisions.NONE), new Outcome.Succeeded(answered(1)), answered(1));

        assertThat(
                        producer.history().stream()
                                .filter(each -> each.topic().equals("t.results"))
                                .map(each -> header(each, "ce_id"))
                                .distinct())
                .hasSize(1);
        assertThat(Result.id("other", request.source()))
                .isNotEqualTo(Result.id("fleet one", request.source()));
    }

    private void run(Delivery delivery, Outcome outcome, Attempt... attempts) {
        Receipt receipt = delivery.open(request, completions::incrementAndGet);
        for (Attempt attempt : attempts) {
            delivery.attemptEnded(request, attempt, receipt);
        }
        delivery.conclude(new Conclusion(request, outcome, List.of(attempts)), ROUTE, receipt);
    }

    private Delivery delivery(Decisions decisions) {
        return new Delivery(
                publisher,
                settings(decisions, AuditSettings.Content.FULL),
                Samples.PRICES,
                () -> Samples.SUBMITTED.plusSeconds(1));
    }

    private static DeliverySettings settings(Decisions decisions, AuditSettings.Content content) {
        return new DeliverySettings(
                new Origin("fleet one", "w-1", "0.1.0"),
                TopicsTest.settings("t", true),
                new AuditSettings(content, null),
                decisions,
                100_000);
    }

    private static Attempt answered(int number) {
        return Samples.succeeded(number, Samples.LANE, Samples.usage(100L, null, null, 10L));
    }

    private static Attempt answered(int number, String text) {
        Answer answer = Samples.answer(200, '"' + text + '"', Samples.usage(100L, null, null, 10L));
        return new Attempt(
                Samples.dispatch(number, Samples.LANE), Duration.ofMillis(812), answer, null);
    }

    private static Attempt throttled(int number) {
        return Samples.failed(
                number, Samples.OTHER_LANE, Samples.answer(429, "{}", null), ErrorKind.RATE_LIMIT);
    }

    private String resultId() {
        return Result.id("fleet one", request.source()).substring("batch_req_".length());
    }

    private static ConsumerRecord<byte[], byte[]> record(String value) {
        return new ConsumerRecord<>("in", 2, 7, null, value.getBytes(StandardCharsets.UTF_8));
    }

    private List<String> topics() {
        return producer.history().stream().map(ProducerRecord::topic).toList();
    }

    private List<String> types() {
        return producer.history().stream().map(each -> header(each, "ce_type")).toList();
    }

    /** The last record of the topic. */
    private ProducerRecord<byte[], byte[]> last(String topic) {
        return producer.history().reversed().stream()
                .filter(each -> each.topic().equals(topic))
                .findFirst()
                .orElseThrow();
    }

    private String value(String topic) {
        return text(last(topic).value());
    }

    private String header(String topic, String name) {
        return header(last(topic), name);
    }

    private static String header(ProducerRecord<byte[], byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null ? "" : text(header.value());
    }

    private List<String> headers(String topic) {
        List<String> headers = new ArrayList<>();
        last(topic).headers().forEach(each -> headers.add(each.key() + "=" + text(each.value())));
        return headers;
    }

    private static String text(byte @Nullable [] bytes) {
        return bytes == null ? "" : new String(bytes, StandardCharsets.UTF_8);
    }
}
