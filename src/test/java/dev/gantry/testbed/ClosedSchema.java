package dev.gantry.testbed;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A shipped schema as its writer must keep it: no member that the schema does not name. Readers use
 * it as it is shipped, open to members of later versions.
 */
public final class ClosedSchema {
    private static final JsonMapper JSON = new JsonMapper();
    private static final SchemaRegistry DRAFT_7 =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7);
    private static final Map<String, ClosedSchema> LOADED = new ConcurrentHashMap<>();

    private final Schema schema;

    private ClosedSchema(Schema schema) {
        this.schema = schema;
    }

    /** Of {@code schema/<name>.json} in the jar. */
    public static ClosedSchema of(String name) {
        return LOADED.computeIfAbsent(
                name,
                _ -> {
                    JsonNode text = shipped(name);
                    close(text);
                    return new ClosedSchema(DRAFT_7.getSchema(text));
                });
    }

    /** The text as shipped. */
    public static JsonNode shipped(String name) {
        String resource = "/schema/" + name + ".json";
        try (InputStream in = ClosedSchema.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new AssertionError("no schema " + resource);
            }
            return JSON.readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What is wrong with it; empty: nothing. */
    public List<String> mistakes(JsonNode value) {
        return schema.validate(value).stream().map(Object::toString).toList();
    }

    private static void close(JsonNode node) {
        if (node instanceof ObjectNode object
                && object.path("properties").isObject()
                && !object.has("additionalProperties")) {
            object.put("additionalProperties", false);
        }
        node.forEach(ClosedSchema::close);
    }
}
