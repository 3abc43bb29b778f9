package dev.gantry.request;

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
class RequestIdentityTest {
    private static final RequestDecoder DECODER =
            new RequestDecoder(
                    RequestDecoderTest.settings().requestLimits(), InstantSource.system());

    @Test
    void theSameRecordReadAgainGoesOnAsTheSameDelivery() {
        InferenceRequest first = read("a", 1_000);
        RequestIdentity identity = RequestIdentity.of(first);
        InferenceRequest again = read("a", 1_000);

        assertThat(identity.isOf(again)).isTrue();
        assertThat(again.execution()).isNotEqualTo(first.execution());
        assertThat(identity.restore(again).execution()).isEqualTo(first.execution());
    }

    @Test
    void anotherRecordAtThatOffsetIsNotTakenForIt() {
        RequestIdentity identity = RequestIdentity.of(read("a", 1_000));

        assertThat(identity.isOf(read("b", 1_000))).as("another custom id").isFalse();
        assertThat(identity.isOf(read("a", 2_000))).as("written at another time").isFalse();
    }

    private static InferenceRequest read(String customId, long timestamp) {
        String value =
                """
                {"custom_id":"%s","body":{"model":"m","messages":[{"role":"user","content":"hi"}]}}
                """
                        .formatted(customId);
        DecodedRecord decoded =
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
        return assertThat(decoded).asInstanceOf(type(DecodedRecord.Valid.class)).actual().request();
    }
}
