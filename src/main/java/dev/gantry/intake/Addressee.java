package dev.gantry.intake;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;

/**
 * Who asked, as far as a record that cannot be used still tells: read leniently, up to where the
 * JSON breaks.
 *
 * @param customId null where it could not be read
 */
record Addressee(@Nullable String customId, @Nullable String batchId) {
    static Addressee of(ConsumerRecord<byte[], byte[]> record) {
        @Nullable String[] found = {null, null};
        try {
            JsonText json = new JsonText(record.value());
            if (json.parser().nextToken() == JsonToken.START_OBJECT) {
                read(json, found);
            }
        } catch (InvalidRequest | JacksonException _) {
            // What was read before the break is all that can be known.
        }
        return new Addressee(found[0], found[1] != null ? found[1] : headerOf(record));
    }

    private static void read(JsonText json, @Nullable String[] found) {
        while (json.parser().nextToken() == JsonToken.PROPERTY_NAME) {
            String name = json.parser().currentName();
            JsonToken token = json.parser().nextToken();
            if (name.equals("custom_id") && token == JsonToken.VALUE_STRING) {
                found[0] = RequestIds.checkedCustomId(json.parser().getString());
            } else if (name.equals("gantry") && token == JsonToken.START_OBJECT) {
                readBatchId(json, found);
            } else {
                json.parser().skipChildren();
            }
        }
    }

    private static void readBatchId(JsonText json, @Nullable String[] found) {
        while (json.parser().nextToken() == JsonToken.PROPERTY_NAME) {
            String name = json.parser().currentName();
            JsonToken token = json.parser().nextToken();
            if (name.equals("batch_id") && token == JsonToken.VALUE_STRING) {
                found[1] = RequestIds.checkedBatchId("gantry.batch_id", json.parser().getString());
            }
            json.parser().skipChildren();
        }
    }

    private static @Nullable String headerOf(ConsumerRecord<byte[], byte[]> record) {
        try {
            return RequestDecoder.batchIdHeader(record);
        } catch (InvalidRequest _) {
            return null;
        }
    }

    Decoded.Invalid invalid(String message) {
        return new Decoded.Invalid(message, customId, batchId);
    }
}
