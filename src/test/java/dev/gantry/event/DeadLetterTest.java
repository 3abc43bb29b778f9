package dev.gantry.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.delivery.Outbox;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.Rejection;
import dev.gantry.inference.SourcePosition;
import dev.gantry.inference.SourceRecord;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** Records that are no requests. */
class DeadLetterTest {
    private static final SourcePosition SOURCE = new SourcePosition("in", 2, 7, -1);

    private final Outbox outbox = new Outbox();

    @AfterEach
    void close() {
        outbox.close();
    }

    @Test
    void aDeadLetterIsTheRecordAsItCameAndItsReason() {
        byte[] value = "{\"custom_id\":\"bad\"".getBytes(StandardCharsets.UTF_8);
        byte[] mine = "1".getBytes(StandardCharsets.UTF_8);
        SourceRecord record =
                new SourceRecord(
                        SOURCE, null, value, List.of(new SourceRecord.Header("mine", mine)));

        outbox.delivery(Decisions.NONE)
                .deadLetter(
                        rejection(record, "no body, sk-abcdefghijkl", "bad"),
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
                        "source_topic":"in","outcome":"invalid","lane":null,"attempts":[],"selected":null,\
                        "cost_usd":"0","cost_state":"not_billable\"""");
        assertThat(outbox.header("t.results", "ce_subject")).isEqualTo("anonymous");
        assertThat(outbox.completions()).hasValue(1);
    }

    @Test
    void aDeadLetterOfNobodyHasNoResult() {
        outbox.delivery(Decisions.NONE)
                .deadLetter(
                        rejection(
                                new SourceRecord(SOURCE, null, null, List.of()),
                                "a null value",
                                null),
                        outbox.completions()::incrementAndGet);

        assertThat(outbox.topics()).containsExactly("t.dead-letters");
        assertThat(outbox.history().getFirst().value()).isNull();
        assertThat(outbox.completions()).hasValue(1);
    }

    private static Rejection rejection(
            SourceRecord record, String message, @Nullable String customId) {
        return new Rejection(record, FailureCode.INVALID_REQUEST, message, customId, null);
    }
}
