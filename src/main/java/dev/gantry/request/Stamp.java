package dev.gantry.request;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.gantry.inference.EditDistance;
import dev.gantry.inference.RequestOptions;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonEncoding;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * What a topic's requests are, whatever they say: members of {@code gantry}, as a request would
 * write them. What stands in both is taken from here, member by member; caps add up.
 */
public final class Stamp {
    /** Fixes nothing. */
    public static final Stamp NONE = new Stamp(new byte[0]);

    /** What is left out is a record's own: its batch, its conversation, its deadline. */
    private static final List<String> FIXABLE =
            List.of(
                    "session_id",
                    "caller",
                    "billing",
                    "tags",
                    "priority",
                    "classification",
                    "hint",
                    "prefer",
                    "routing",
                    "intent",
                    "budget");

    private static final List<String> FLAGS = List.of("contains_pii", "contains_phi", "escalate");

    private static final JsonFactory FACTORY = new JsonFactory();

    private final byte[] json;

    private Stamp(byte[] json) {
        this.json = json;
    }

    /**
     * As a configuration writes it.
     *
     * @param key where, for messages
     * @param members by their names, values and lists below
     * @throws IllegalArgumentException naming the member that is wrong
     */
    public static Stamp of(String key, Map<String, ?> members) {
        if (members.isEmpty()) {
            return NONE;
        }
        for (String name : members.keySet()) {
            if (!FIXABLE.contains(name)) {
                throw new IllegalArgumentException(
                        "%s.%s: nothing that a stamp fixes; allowed is %s%s"
                                .formatted(
                                        key,
                                        name,
                                        String.join(", ", FIXABLE),
                                        EditDistance.hint(name, FIXABLE)));
            }
        }
        if (members.get("routing") instanceof Map<?, ?> routing
                && routing.get("policy") instanceof Map<?, ?>) {
            throw new IllegalArgumentException(
                    "%s.routing.policy: a map; allowed is the name of a policy".formatted(key));
        }
        byte[] json = json(members);
        try {
            var reader = new OptionsReader(new JsonText(json), key);
            reader.first();
        } catch (InvalidRequest | JacksonException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
        return new Stamp(json);
    }

    /** What is fixed, alone. */
    public RequestOptions options() {
        var reader = new OptionsReader(new JsonText("{}".getBytes(UTF_8)), OptionsReader.ROOT);
        reader.stamped(this);
        return reader.options();
    }

    boolean empty() {
        return json.length == 0;
    }

    JsonText text() {
        return new JsonText(json);
    }

    /** As JSON, for people. */
    @Override
    public String toString() {
        return new String(json, UTF_8);
    }

    private static byte[] json(Map<String, ?> members) {
        var bytes = new ByteArrayOutputStream();
        try (JsonGenerator out =
                FACTORY.createGenerator(ObjectWriteContext.empty(), bytes, JsonEncoding.UTF8)) {
            write(out, "", members);
        }
        return bytes.toByteArray();
    }

    private static void write(JsonGenerator out, String name, Object value) {
        switch (value) {
            case Map<?, ?> map when numbered(map) -> {
                out.writeStartArray();
                for (int at = 0; at < map.size(); at++) {
                    write(out, name, requireNonNull(map.get(Integer.toString(at))));
                }
                out.writeEndArray();
            }
            case Map<?, ?> map -> {
                out.writeStartObject();
                new TreeMap<>(map)
                        .forEach(
                                (member, each) -> {
                                    out.writeName(member.toString());
                                    write(out, member.toString(), each);
                                });
                out.writeEndObject();
            }
            case List<?> list -> {
                out.writeStartArray();
                list.forEach(each -> write(out, name, each));
                out.writeEndArray();
            }
            default -> scalar(out, name, value);
        }
    }

    /** The binder makes a map of a list whose type it does not know. */
    private static boolean numbered(Map<?, ?> map) {
        return !map.isEmpty()
                && IntStream.range(0, map.size())
                        .allMatch(at -> map.containsKey(Integer.toString(at)));
    }

    /** All else is text: YAML may have taken it for a number. */
    private static void scalar(JsonGenerator out, String name, Object value) {
        String text = value.toString();
        if (FLAGS.contains(name) && (text.equals("true") || text.equals("false"))) {
            out.writeBoolean(text.equals("true"));
        } else {
            out.writeString(
                    value instanceof Double number
                            ? BigDecimal.valueOf(number).toPlainString()
                            : text);
        }
    }
}
