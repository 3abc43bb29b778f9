package dev.gantry.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.audit.AuditSettings;
import dev.gantry.delivery.Delivery;
import dev.gantry.delivery.Outbox;
import dev.gantry.inference.Answer;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.Outcome;
import dev.gantry.metering.MeteringSamples;
import dev.gantry.outbox.PendingAcks;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/**
 * What others learnt the hard way about meters and audits; the numbers are those of the lessons.
 */
class MeteringLessonsTest {
    private static final JsonMapper JSON = new JsonMapper();

    private final Outbox outbox = new Outbox();

    @AfterEach
    void close() {
        outbox.close();
    }

    @Test
    void lesson13EachAttemptHasItsOwnMeterAndAuditAlsoWhenAllHaveFailed() {
        Outcome end = new Outcome.Failed(FailureCode.ESCALATION_EXHAUSTED, "no lane answered");

        outbox.run(
                outbox.delivery(Decisions.NONE),
                end,
                Outbox.throttled(1),
                Outbox.throttled(2),
                MeteringSamples.lost(
                        3, MeteringSamples.LANE, MeteringSamples.error(ErrorKind.TIMEOUT, true)));

        assertThat(ids("dev.gantry.attempt.metered.v1", "attempt_id")).hasSize(3);
        assertThat(ids("dev.gantry.attempt.metered.v1", "attempt_id"))
                .isEqualTo(ids("dev.gantry.attempt.audited.v1", "attempt_id"))
                .doesNotHaveDuplicates();
        assertThat(values("dev.gantry.attempt.audited.v1"))
                .allSatisfy(
                        audit ->
                                assertThat(audit.at("/content/messages/0/content").asString())
                                        .isEqualTo("Wie weit? 🙂"));
        assertThat(values("dev.gantry.request.audited.v1")).hasSize(1);
    }

    @Test
    void lesson14TheFirstMeterAlreadySaysWhoseRequestItIs() {
        Delivery delivery = outbox.delivery(Decisions.NONE);
        PendingAcks acks = delivery.open(outbox.request(), () -> {});

        delivery.dispatching(
                outbox.request(),
                MeteringSamples.dispatch(1, MeteringSamples.LANE),
                MeteringSamples.PRICES,
                acks,
                () -> {});

        JsonNode first = values("dev.gantry.attempt.metered.v1").getFirst();
        assertThat(first.path("evidence").asString()).isEqualTo("dispatched");
        assertThat(first.path("request_id").asString()).isEqualTo("nightly/job-17");
        assertThat(first.path("source_offset").asLong()).isEqualTo(41);
        assertThat(first.at("/caller/identity").asString()).isEqualTo("user:jo");
    }

    @Test
    void lesson15AnAnswersTokensAreOnItsMeter() {
        Attempt attempt = Outbox.answered(1);

        outbox.run(outbox.delivery(Decisions.NONE), new Outcome.Succeeded(attempt), attempt);

        JsonNode usage = values("dev.gantry.attempt.metered.v1").getFirst().path("usage");
        assertThat(usage.path("input_tokens").asLong()).isPositive();
        assertThat(usage.path("output_tokens").asLong()).isPositive();
    }

    @Test
    void lesson17NoRecordIsWithoutTypeKeyAndTopic() {
        Attempt attempt = Outbox.answered(2);

        outbox.run(
                outbox.delivery(Decisions.ALL),
                new Outcome.Succeeded(attempt),
                Outbox.throttled(1),
                attempt);

        assertThat(outbox.types()).allMatch(type -> type.matches("dev\\.gantry\\.[a-z.]+\\.v1"));
        assertThat(outbox.history()).allMatch(each -> each.key().length > 0);
        assertThat(outbox.topics()).doesNotContain("");
    }

    @Test
    void lesson18TheBoundOfACallCountsTheOutputThatItMayHave() {
        Delivery delivery = outbox.delivery(Decisions.NONE);
        PendingAcks acks = delivery.open(outbox.request(), () -> {});

        delivery.dispatching(
                outbox.request(),
                MeteringSamples.dispatch(1, MeteringSamples.LANE, 800L),
                MeteringSamples.PRICES,
                acks,
                () -> {});
        delivery.dispatching(
                outbox.request(),
                MeteringSamples.dispatch(2, MeteringSamples.LANE, null),
                MeteringSamples.PRICES,
                acks,
                () -> {});

        List<JsonNode> meters = values("dev.gantry.attempt.metered.v1");
        assertThat(new BigDecimal(meters.getFirst().at("/cost/upper_bound").asString()))
                .isGreaterThan(new BigDecimal("0.012"));
        assertThat(meters.getLast().at("/cost/upper_bound").isMissingNode())
                .as("an output without limit has no bound, and not a low one")
                .isTrue();
    }

    @Test
    void lesson38FailThenSucceedIsMeteredOncePerAttemptAndCountedOnce() {
        Answer billed =
                MeteringSamples.answer(500, "{}", MeteringSamples.usage(100L, null, null, 0L));
        Attempt failed = MeteringSamples.failed(1, MeteringSamples.LANE, billed, ErrorKind.SERVER);
        Attempt answered =
                MeteringSamples.succeeded(
                        2, MeteringSamples.LANE, MeteringSamples.usage(100L, null, null, 10L));

        outbox.run(
                outbox.delivery(Decisions.NONE), new Outcome.Succeeded(answered), failed, answered);

        List<JsonNode> meters = values("dev.gantry.attempt.metered.v1");
        BigDecimal sum = BigDecimal.ZERO;
        for (JsonNode meter : meters) {
            sum = sum.add(new BigDecimal(meter.at("/cost/amount").asString()));
        }
        assertThat(meters)
                .extracting(each -> each.path("selected").asBoolean(false))
                .containsExactly(false, true);
        assertThat(JSON.readTree(outbox.value("t.results")).at("/gantry/cost_usd").asString())
                .isEqualTo("0.00075");
        assertThat(sum).isEqualByComparingTo("0.00075");
    }

    @Test
    void anAuditedErrorKeepsNoKeyAndItsResultKeepsEveryByte() {
        String body = "{\"error\":{\"message\":\"bad api_key: other-0123456789\"},\"n\":1.50}";
        Attempt refused =
                MeteringSamples.failed(
                        1,
                        MeteringSamples.LANE,
                        MeteringSamples.answer(400, body, null),
                        ErrorKind.BAD_REQUEST);

        outbox.run(
                outbox.delivery(Outbox.settings(Decisions.NONE, AuditSettings.Content.FULL)),
                new Outcome.Refused(refused),
                refused);

        assertThat(
                        values("dev.gantry.attempt.audited.v1")
                                .getFirst()
                                .at("/content/answer")
                                .asString())
                .isEqualTo("{\"error\":{\"message\":\"bad api_key: ***\"},\"n\":1.50}");
        assertThat(outbox.value("t.results")).contains("\"body\":" + body);
    }

    private List<String> ids(String type, String member) {
        return values(type).stream().map(each -> each.path(member).asString()).toList();
    }

    private List<JsonNode> values(String type) {
        List<JsonNode> values = new ArrayList<>();
        for (ProducerRecord<byte[], byte[]> each : outbox.history()) {
            if (Outbox.header(each, "ce_type").equals(type)) {
                values.add(JSON.readTree(each.value()));
            }
        }
        return values;
    }
}
