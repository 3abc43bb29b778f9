package dev.gantry.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloudevents.CloudEvent;
import io.cloudevents.kafka.KafkaMessageFactory;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** What the contract and the events page promise of every record that leaves a worker. */
public final class RecordPromises {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String COMPLETED = "dev.gantry.request.completed.v1";

    private RecordPromises() {}

    /** Fails where one is broken; a record of another origin promises nothing. */
    public static void check(ConsumerRecord<byte[], byte[]> record) {
        ObjectNode headers = headers(record);
        if (headers.has("gantry-error-code")) {
            valid("dead-letter-headers", headers);
        } else if (headers.has("gantry-sequence")) {
            valid("chunk-headers", headers);
            assertThat(JSON.readTree(record.value()).isObject()).isTrue();
        } else if (headers.has("ce_type")) {
            event(record, headers);
        }
    }

    /** The schema of an event's value. */
    public static String schema(String type) {
        String name = type.replaceFirst("^dev\\.gantry\\.", "").replaceFirst("\\.v1$", "");
        return type.equals(COMPLETED) ? "result" : name.replace('.', '-');
    }

    private static void event(ConsumerRecord<byte[], byte[]> record, ObjectNode headers) {
        valid("event-headers", headers);
        CloudEvent event = KafkaMessageFactory.createReader(record).toEvent();
        JsonNode value = JSON.readTree(record.value());
        assertThat(event.getId()).isEqualTo(headers.path("ce_id").asString());
        assertThat(JSON.readTree(Objects.requireNonNull(event.getData()).toBytes()))
                .isEqualTo(value);
        assertThat(new String(record.key(), StandardCharsets.UTF_8))
                .isEqualTo(headers.path("ce_partitionkey").asString());
        valid(schema(event.getType()), value);
        switch (event.getType()) {
            case "dev.gantry.attempt.metered.v1" -> {
                MeterPromises.check(value);
                assertThat(event.getId())
                        .isEqualTo(
                                value.path("attempt_id").asString()
                                        + "/"
                                        + value.path("version").asLong());
            }
            case COMPLETED -> result(value);
            default -> {}
        }
    }

    private static void result(JsonNode value) {
        assertThat(value.path("response").isNull())
                .as("either a response or an error: %s", value)
                .isNotEqualTo(value.path("error").isNull());
        JsonNode gantry = value.path("gantry");
        assertThat(gantry.path("cost_usd").isNull())
                .as("the cost is null exactly when it is unknown: %s", gantry)
                .isEqualTo(gantry.path("cost_state").asString().equals("unknown"));
    }

    private static void valid(String schema, JsonNode value) {
        assertThat(ClosedSchema.of(schema).mistakes(value))
                .as("%s against the schema %s", value, schema)
                .isEmpty();
    }

    private static ObjectNode headers(ConsumerRecord<byte[], byte[]> record) {
        ObjectNode headers = JSON.createObjectNode();
        for (Header header : record.headers()) {
            if (header.value() != null) {
                headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8));
            }
        }
        return headers;
    }
}
