package dev.gantry.dialect;

import dev.gantry.inference.Adaptation;
import dev.gantry.inference.RequestBody;
import dev.gantry.inference.RequestBody.Member;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.util.ArrayList;
import java.util.List;

/** The members of a request as one lane gets them, each read when it is asked for. */
public final class ChatBody {
    /** Numbers stay as they were written. */
    public static final JsonMapper JSON =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(500)
                                                    .maxStringLength(Integer.MAX_VALUE)
                                                    .maxNumberLength(1000)
                                                    .build())
                                    .build())
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .build();

    private final RequestBody body;
    private final Adaptation adaptation;

    public ChatBody(RequestBody body, Adaptation adaptation) {
        this.body = body;
        this.adaptation = adaptation;
    }

    /** As it goes out under this name; null: it does not, or holds JSON null. */
    public @Nullable JsonNode member(String name) {
        for (Member each : body.members()) {
            if (outwardName(each).equals(name) && !adaptation.dropped().contains(each.name())) {
                JsonNode value = read(body, each);
                return value.isNull() ? null : value;
            }
        }
        return null;
    }

    /** Names of the members that begin so. */
    public List<String> names(String prefix) {
        List<String> names = new ArrayList<>();
        for (Member each : body.members()) {
            if (each.name().startsWith(prefix) && !adaptation.dropped().contains(each.name())) {
                names.add(each.name());
            }
        }
        return names;
    }

    private String outwardName(Member member) {
        return adaptation.renamed().getOrDefault(member.name(), member.name());
    }

    /** A member's value, which may be JSON null. */
    public static JsonNode read(RequestBody body, Member member) {
        int length = member.valueEnd() - member.valueStart();
        return JSON.readTree(body.bytes(), member.valueStart(), length);
    }

    /** Whether a member says yes; false where it is absent. */
    public boolean flag(String name, boolean otherwise) {
        JsonNode value = member(name);
        if (value != null && !value.isBoolean()) {
            throw new Unsayable(name, "true or false is wanted");
        }
        return value == null ? otherwise : value.booleanValue();
    }

    /** A member that must be a number; null: it is absent. */
    public @Nullable JsonNode number(String name) {
        JsonNode value = member(name);
        if (value != null && !value.isNumber()) {
            throw new Unsayable(name, "a number is wanted");
        }
        return value;
    }

    /** A member that must be a text; null: it is absent. */
    public @Nullable String text(String name) {
        JsonNode value = member(name);
        return value == null ? null : text(value, name);
    }

    /** A text or a list of texts, as {@code stop} is; empty: it is absent. */
    public List<String> texts(String name) {
        JsonNode value = member(name);
        if (value == null) {
            return List.of();
        }
        if (!value.isArray()) {
            return List.of(text(value, name));
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode each : value) {
            texts.add(text(each, name + "[" + texts.size() + "]"));
        }
        return texts;
    }

    public static String text(@Nullable JsonNode node, String where) {
        if (node == null || !node.isString()) {
            throw new Unsayable(where, "a text is wanted");
        }
        return node.stringValue();
    }

    public static JsonNode object(@Nullable JsonNode node, String where) {
        if (node == null || !node.isObject()) {
            throw new Unsayable(where, "an object is wanted");
        }
        return node;
    }

    public static JsonNode array(@Nullable JsonNode node, String where) {
        if (node == null || !node.isArray()) {
            throw new Unsayable(where, "a list is wanted");
        }
        return node;
    }

    /** Null for JSON null too. */
    public static @Nullable JsonNode present(JsonNode parent, String name) {
        JsonNode node = parent.get(name);
        return node == null || node.isNull() ? null : node;
    }
}
