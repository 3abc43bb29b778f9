package dev.gantry.testbed;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * One record of a fleet.
 *
 * @param id its ce_id; empty for a request
 * @param headers as text
 */
public record ConsumedRecord(String id, Map<String, String> headers, String text, JsonNode json) {
    private static final JsonMapper JSON = JsonMapper.shared();

    public static ConsumedRecord of(ConsumerRecord<byte[], byte[]> record) {
        Map<String, String> headers = new TreeMap<>();
        for (Header header : record.headers()) {
            headers.put(header.key(), text(header.value()));
        }
        String text = text(record.value());
        return new ConsumedRecord(
                headers.getOrDefault("ce_id", ""), headers, text, JSON.readTree(text));
    }

    private static String text(byte @Nullable [] bytes) {
        return bytes == null ? "" : new String(bytes, StandardCharsets.UTF_8);
    }

    /** The text at this pointer; empty if there is none. */
    public String at(String pointer) {
        return json.at(pointer).asString("");
    }

    public boolean sameBytes(ConsumedRecord other) {
        return headers.equals(other.headers) && text.equals(other.text);
    }

    @Override
    public String toString() {
        return headers + " " + text;
    }
}
