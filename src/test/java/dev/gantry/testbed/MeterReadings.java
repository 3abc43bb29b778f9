package dev.gantry.testbed;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/** The metering topic as finance would merge it. */
public final class MeterReadings {
    private static final JsonMapper JSON = JsonMapper.shared();

    private MeterReadings() {}

    /** Of each attempt, by its id, the reading with the greatest version. */
    public static Map<String, JsonNode> last(Stream<byte[]> events) {
        Map<String, JsonNode> last = new LinkedHashMap<>();
        events.map(JSON::readTree)
                .forEach(
                        each ->
                                last.merge(
                                        each.path("attempt_id").asString(),
                                        each,
                                        (one, other) ->
                                                version(one) >= version(other) ? one : other));
        return last;
    }

    private static long version(JsonNode reading) {
        return reading.path("version").asLong();
    }
}
