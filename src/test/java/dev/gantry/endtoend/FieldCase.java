package dev.gantry.endtoend;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Something that a real provider answered, or that a real caller asked, and what should come of it.
 * The files beside it say how a case is written.
 */
record FieldCase(String id, JsonNode row) {
    /** What {@code @PAD@} stands for is base64, and not all one letter. */
    private static final String FILLER = "iVBORw0KGgoAAAANSUhEUgAA";

    private static final String PLAIN_CHAT =
            "{\"custom_id\":\"@ID@\",\"body\":{\"model\":\"@MODEL@\",\"messages\":[{\"role\":\"user\","
                    + "\"content\":\"Which tram goes to the harbour?\"}]},"
                    + "\"gantry\":{\"routing\":{\"provider\":\"@P@\",\"instance\":\"@I@\"}}}";
    private static final String PLAIN_EMBEDDING =
            "{\"custom_id\":\"@ID@\",\"url\":\"/v1/embeddings\",\"body\":{\"model\":\"@MODEL@\","
                    + "\"input\":\"harbour\"},"
                    + "\"gantry\":{\"routing\":{\"provider\":\"@P@\",\"instance\":\"@I@\"}}}";

    static final String MODEL = "mm";
    static final String INSTANCE = "main";

    static List<FieldCase> read(String file) {
        List<FieldCase> cases = new ArrayList<>();
        try (var in =
                new BufferedReader(
                        new InputStreamReader(
                                Objects.requireNonNull(
                                        FieldCase.class.getResourceAsStream("/field/" + file)),
                                StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                JsonNode row = JsonMapper.shared().readTree(line);
                cases.add(new FieldCase(row.required("id").stringValue(), row));
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return cases;
    }

    /** The same with one more member. */
    FieldCase with(String member, Object value) {
        ObjectNode more = ((ObjectNode) row).deepCopy();
        more.set(member, JsonMapper.shared().valueToTree(value));
        return new FieldCase(id, more);
    }

    /** A family of its own, so that what one case benches is no other's. */
    String provider() {
        return "p-" + id;
    }

    String vendor() {
        return text("vendor", "generic");
    }

    boolean embeddings() {
        return row.path("embeddings").asBoolean(false);
    }

    /** Whether the server streams unless it is told not to. */
    boolean streamsByDefault() {
        return row.path("sse_default").asBoolean(false);
    }

    boolean isAnswer() {
        return row.path("kind").asString("").equals("answer");
    }

    int status() {
        return row.path("status").asInt(200);
    }

    String mode() {
        return text("mode", "length");
    }

    Map<String, String> headers() {
        Map<String, String> headers = new LinkedHashMap<>();
        row.path("headers")
                .properties()
                .forEach(each -> headers.put(each.getKey(), each.getValue().stringValue()));
        return headers;
    }

    byte[] body() {
        return bytes("body");
    }

    /** The record as it is sent. */
    byte[] line() {
        byte[] written = bytes("line");
        String line =
                written.length > 0
                        ? new String(written, StandardCharsets.UTF_8)
                        : embeddings() ? PLAIN_EMBEDDING : PLAIN_CHAT;
        int pad = row.path("pad").asInt(0);
        return line.replace("@ID@", id)
                .replace("@MODEL@", MODEL)
                .replace("@P@", provider())
                .replace("@I@", INSTANCE)
                .replace("@PAD@", FILLER.repeat(pad / FILLER.length() + 1).substring(0, pad))
                .getBytes(StandardCharsets.UTF_8);
    }

    /** Settings of the model: what it can do, and more as {@code , key: value}. */
    Map<String, String> model() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("capabilities", text("caps", "streaming, tools, vision, thinking"));
        if (embeddings()) {
            settings.put("type", "embedding");
            settings.put("capabilities", "");
        }
        for (String each : text("model_more", "").split(",", -1)) {
            int colon = each.indexOf(':');
            if (colon > 0) {
                settings.put(each.substring(0, colon).strip(), each.substring(colon + 1).strip());
            }
        }
        return settings;
    }

    /** What comes after the case's path in the base URL. */
    String query() {
        return text("query", "");
    }

    /** Null: nothing is said of it. */
    @Nullable String wanted(String what) {
        JsonNode want = row.path("want").path(what);
        return want.isMissingNode() ? null : want.asString();
    }

    /** Texts that the request must, or must not, hold when it reaches the server. */
    List<String> wantedTexts(String what) {
        return row.path("want").path(what).valueStream().map(JsonNode::stringValue).toList();
    }

    private byte[] bytes(String name) {
        String encoded = text(name + "_b64", "");
        return encoded.isEmpty()
                ? text(name, "").getBytes(StandardCharsets.UTF_8)
                : Base64.getDecoder().decode(encoded);
    }

    private String text(String name, String absent) {
        return row.path(name).asString(absent);
    }

    @Override
    public String toString() {
        return id;
    }
}
