package dev.gantry.chaos;

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
record Word(String id, Map<String, String> headers, String text, JsonNode json) {
    private static final JsonMapper JSON = JsonMapper.shared();

    static Word of(ConsumerRecord<byte[], byte[]> record) {
        Map<String, String> headers = new TreeMap<>();
        for (Header header : record.headers()) {
            headers.put(header.key(), text(header.value()));
        }
        String text = text(record.value());
        return new Word(headers.getOrDefault("ce_id", ""), headers, text, JSON.readTree(text));
    }

    private static String text(byte @Nullable [] bytes) {
        return bytes == null ? "" : new String(bytes, StandardCharsets.UTF_8);
    }

    /** The text at this pointer; empty if there is none. */
    String at(String pointer) {
        return json.at(pointer).asString("");
    }

    boolean sameBytes(Word other) {
        return headers.equals(other.headers) && text.equals(other.text);
    }

    @Override
    public String toString() {
        return headers + " " + text;
    }
}
