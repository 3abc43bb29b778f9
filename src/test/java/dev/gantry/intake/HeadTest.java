package dev.gantry.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.gantry.inference.InferenceRequest;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Optional;

/** What outlasts a waiting request's body knows the record when it is read again. */
class HeadTest {
    private static final RequestDecoder DECODER =
            new RequestDecoder(RequestDecoderTest.settings(), InstantSource.system());

    @Test
    void theSameRecordReadAgainGoesOnAsTheSameDelivery() {
        InferenceRequest first = read("a", 1_000);
        Head head = Head.of(first);
        InferenceRequest again = read("a", 1_000);

        assertThat(head.isOf(again)).isTrue();
        assertThat(again.execution()).isNotEqualTo(first.execution());
        assertThat(head.restore(again).execution()).isEqualTo(first.execution());
    }

    @Test
    void anotherRecordAtThatOffsetIsNotTakenForIt() {
        Head head = Head.of(read("a", 1_000));

        assertThat(head.isOf(read("b", 1_000))).as("another custom id").isFalse();
        assertThat(head.isOf(read("a", 2_000))).as("written at another time").isFalse();
    }

    private static InferenceRequest read(String customId, long timestamp) {
        String value =
                """
                {"custom_id":"%s","body":{"model":"m","messages":[{"role":"user","content":"hi"}]}}
                """
                        .formatted(customId);
        Decoded decoded =
                DECODER.decode(
                        new ConsumerRecord<>(
                                "requests",
                                0,
                                7,
                                timestamp,
                                TimestampType.CREATE_TIME,
                                0,
                                value.length(),
                                null,
                                value.getBytes(StandardCharsets.UTF_8),
                                new RecordHeaders(),
                                Optional.empty()));
        return assertThat(decoded).asInstanceOf(type(Decoded.Valid.class)).actual().request();
    }
}
