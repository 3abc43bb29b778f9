package dev.gantry.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.gantry.audit.AuditSettings;
import dev.gantry.delivery.Delivery;
import dev.gantry.delivery.Outbox;
import dev.gantry.inference.Answer;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.Outcome;
import dev.gantry.inference.Payload;
import dev.gantry.inference.ResultId;
import dev.gantry.metering.MeteringSamples;
import dev.gantry.outbox.PendingAcks;
import dev.gantry.outbox.Publisher;

import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.hamcrest.Matchers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** How ends other than the answer asked for read in a result. */
class ResultTest {
    private final Outbox outbox = new Outbox();

    @AfterEach
    void close() {
        outbox.close();
    }

    @Test
    void aProvidersRefusalKeepsItsResponse() {
        Answer answer = MeteringSamples.answer(400, "{\"error\":{\"message\":\"no\"}}", null);
        Attempt attempt =
                MeteringSamples.failed(1, MeteringSamples.LANE, answer, ErrorKind.BAD_REQUEST);

        outbox.run(outbox.delivery(Decisions.NONE), new Outcome.Refused(attempt), attempt);

        assertThat(outbox.value("t.results"))
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
        Attempt attempt = MeteringSamples.failed(1, MeteringSamples.LANE, answer, ErrorKind.SERVER);

        outbox.run(outbox.delivery(Decisions.NONE), new Outcome.Refused(attempt), attempt);

        assertThat(outbox.value("t.results"))
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
        Answer answer = MeteringSamples.answer(200, "{\"half\":1}", null);
        Attempt attempt = MeteringSamples.failed(1, MeteringSamples.LANE, answer, ErrorKind.SERVER);

        outbox.run(outbox.delivery(Decisions.NONE), new Outcome.Refused(attempt), attempt);

        assertThat(outbox.value("t.results"))
                .contains("\"response\":null", "\"code\":\"escalation_exhausted\"");
    }

    @Test
    void anAnswerThatDoesNotFitEndsAsResultTooLarge() {
        Delivery delivery = outbox.delivery(Decisions.NONE);
        delivery.limitTo(900, 100_000);
        Attempt attempt = Outbox.answered(1, "x".repeat(1000));

        outbox.run(delivery, new Outcome.Succeeded(attempt), attempt);

        await().untilAtomic(outbox.completions(), Matchers.is(1));
        assertThat(outbox.kept().values())
                .singleElement()
                .satisfies(
                        kept ->
                                assertThat(Outbox.text(Objects.requireNonNull(kept.value())))
                                        .contains("\"body\":\"xxx", "\"outcome\":\"succeeded\""));
        assertThat(outbox.value("t.results"))
                .contains(outbox.kept().keySet())
                .contains(
                        """
                        "response":null,"error":{"code":"result_too_large",\
                        "message":"the answer of 1002 bytes does not fit into a result of at most \
                        900 bytes; it is kept for 7 days: gantry spool show batch_req_""")
                .contains(
                        "\"outcome\":\"failed\"", "\"selected\":null", "\"cost_usd\":\"0.00045\"");
        assertThat(outbox.value("t.metering")).contains("\"selected\":false");
        assertThat(outbox.types()).contains("dev.gantry.request.audited.v1");
    }

    @Test
    void aResultThatItsSurroundingsMakeTooLargeIsReplaced() {
        Delivery delivery = outbox.delivery(Decisions.NONE);
        delivery.limitTo(1500, 100_000);
        Attempt attempt = Outbox.answered(1, "x".repeat(1200));

        outbox.run(delivery, new Outcome.Succeeded(attempt), attempt);

        await().untilAtomic(outbox.completions(), Matchers.is(1));
        assertThat(outbox.value("t.results")).contains("\"code\":\"result_too_large\"");
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
                            outbox.keeper(),
                            Outbox.settings(Decisions.NONE, AuditSettings.Content.NONE),
                            () -> MeteringSamples.RECEIVED);
            PendingAcks acks =
                    delivery.open(outbox.request(), outbox.completions()::incrementAndGet);

            delivery.conclude(
                    new Conclusion(
                            outbox.request(), new Outcome.Succeeded(Outbox.answered(1)), List.of()),
                    Map.of(),
                    Outbox.summary(Outbox.ROUTE),
                    MeteringSamples.PRICES,
                    acks);
            picky.errorNext(new RecordTooLargeException("no"));

            await().until(picky::completeNext);
            assertThat(Outbox.text(picky.history().getLast().value()))
                    .contains("\"code\":\"result_too_large\"");
            await().untilAtomic(outbox.completions(), Matchers.is(1));
        }
    }

    @Test
    void halfACharacterInAMessageCostsNoRecord() {
        Outcome end = new Outcome.Failed(FailureCode.INTERNAL_ERROR, "cut \ud83d here 🙂");

        outbox.run(outbox.delivery(Decisions.NONE), end);

        assertThat(outbox.value("t.results")).contains("cut \ufffd here 🙂");
    }

    @Test
    void aRedeliveryRepeatsTheIdOfTheResult() {
        outbox.run(
                outbox.delivery(Decisions.NONE),
                new Outcome.Succeeded(Outbox.answered(1)),
                Outbox.answered(1));
        outbox.run(
                outbox.delivery(Decisions.NONE),
                new Outcome.Succeeded(Outbox.answered(1)),
                Outbox.answered(1));

        assertThat(
                        outbox.history().stream()
                                .filter(each -> each.topic().equals("t.results"))
                                .map(each -> Outbox.header(each, "ce_id"))
                                .distinct())
                .hasSize(1);
        assertThat(ResultId.of("other", outbox.request().source()))
                .isNotEqualTo(ResultId.of("fleet one", outbox.request().source()));
    }
}
