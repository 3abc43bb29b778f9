package dev.gantry.request;

import dev.gantry.inference.IdRule;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;

import java.nio.charset.StandardCharsets;

/**
 * Who asked, as far as a record that cannot be used still tells: read leniently, up to where the
 * JSON breaks. Of a record that can be used it tells the same as its request.
 *
 * <p>Where the value names nobody, the key may: {@code submit} sends {@code batch_id/custom_id}. A
 * key is taken so only where it begins with the record's own batch id, so that what other producers
 * put there for reasons of their own is nobody's name.
 *
 * @param customId null where it could not be read
 */
public record ReplyAddress(@Nullable String customId, @Nullable String batchId) {
    public static ReplyAddress of(ConsumerRecord<byte[], byte[]> record) {
        @Nullable String[] found = {null, null};
        byte[] value = record.value();
        if (value != null && Utf8Check.foreign(value) == null) {
            read(value, found);
        }
        String header = headerOf(record);
        String batch = found[1] != null ? found[1] : header;
        String named = found[0];
        return new ReplyAddress(
                named == null && header != null ? keyed(record, batch) : named, batch);
    }

    private static void read(byte[] value, @Nullable String[] found) {
        try {
            JsonText json = new JsonText(value);
            if (json.parser().nextToken() == JsonToken.START_OBJECT) {
                read(json, found);
            }
        } catch (InvalidRequest | JacksonException _) {
            // What was read before the break is all that can be known.
        }
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

    private static @Nullable String keyed(
            ConsumerRecord<byte[], byte[]> record, @Nullable String batch) {
        if (record.key() == null || batch == null) {
            return null;
        }
        String key = new String(record.key(), StandardCharsets.UTF_8);
        String prefix = batch + "/";
        if (!key.startsWith(prefix)) {
            return null;
        }
        String customId = key.substring(prefix.length());
        return IdRule.isCustomId(customId) ? customId : null;
    }

    private static @Nullable String headerOf(ConsumerRecord<?, ?> record) {
        try {
            return RequestDecoder.batchIdHeader(record);
        } catch (InvalidRequest _) {
            return null;
        }
    }

    public DecodedRecord.Invalid invalid(String message) {
        return new DecodedRecord.Invalid(message, customId, batchId);
    }
}
