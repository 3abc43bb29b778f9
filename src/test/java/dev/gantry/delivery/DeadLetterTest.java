package dev.gantry.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;

/** Records that are no requests. */
class DeadLetterTest {
    private final Outbox outbox = new Outbox();

    @AfterEach
    void close() {
        outbox.close();
    }

    @Test
    void aDeadLetterIsTheRecordAsItCameAndItsReason() {
        ConsumerRecord<byte[], byte[]> record = Outbox.record("{\"custom_id\":\"bad\"");
        record.headers().add("mine", "1".getBytes(StandardCharsets.UTF_8));

        outbox.delivery(Decisions.NONE)
                .deadLetter(
                        record,
                        new Rejection("invalid_request", "no body, sk-abcdefghijkl", "bad", null),
                        outbox.completions()::incrementAndGet);

        assertThat(outbox.value("t.dead-letters")).isEqualTo("{\"custom_id\":\"bad\"");
        assertThat(outbox.headers("t.dead-letters"))
                .containsExactly(
                        "mine=1",
                        "gantry-error-code=invalid_request",
                        "gantry-error-message=no body, ***",
                        "gantry-source-topic=in",
                        "gantry-source-partition=2",
                        "gantry-source-offset=7",
                        "gantry-source-timestamp=-1");
        assertThat(outbox.value("t.results"))
                .contains(
                        """
                        "custom_id":"bad","response":null,"error":{"code":"invalid_request",\
                        "message":"no body, ***"},"gantry":{"request_id":"bad","batch_id":null,\
                        "outcome":"invalid","lane":null,"attempts":[],"selected":null,\
                        "cost_usd":"0","cost_state":"not_billable\"""");
        assertThat(outbox.header("t.results", "ce_subject")).isEqualTo("anonymous");
        assertThat(outbox.completions()).hasValue(1);
    }

    @Test
    void aDeadLetterOfNobodyHasNoResult() {
        outbox.delivery(Decisions.NONE)
                .deadLetter(
                        new ConsumerRecord<>("in", 2, 7, null, null),
                        new Rejection("invalid_request", "a null value", null, null),
                        outbox.completions()::incrementAndGet);

        assertThat(outbox.topics()).containsExactly("t.dead-letters");
        assertThat(outbox.history().getFirst().value()).isNull();
        assertThat(outbox.completions()).hasValue(1);
    }
}
