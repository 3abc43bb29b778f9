package dev.gantry.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.dialect.StreamReader.Ended;
import dev.gantry.dialect.WireFormat.Reading;
import dev.gantry.dialect.openai.OpenAiFormat;
import dev.gantry.inference.Dialect;
import dev.gantry.inference.InferenceRequest;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Random answers, cut to streams at random: what is joined is what the same answer is unstreamed,
 * and whoever joins the chunks has that too.
 */
class RandomStreamsTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int ROUNDS = 150;
    private static final InferenceRequest REQUEST =
            Chats.request(
                    """
                    {"model": "m", "messages": [{"role": "user", "content": "x"}],
                     "stream": true, "stream_options": {"include_usage": true}}
                    """);
    private static final List<String> TEXTS =
            List.of(
                    "Hi",
                    "Wie weit? 🙂",
                    "a \"quote\" \\ and\nlines",
                    "{\"x\":1}",
                    " ",
                    "data: x\n\n");
    private static final List<String> INPUTS =
            List.of("{}", "{\"city\":\"Bern 🙂\",\"n\":[1,2.50,null]}", "{\"q\":\"\\n\\\"\"}");

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);

    /** An answer in both forms. */
    private record Pair(JsonNode plain, StringBuilder events) {
        void event(String name, JsonNode data) {
            events.append("event: ").append(name).append('\n');
            data(data);
        }

        void data(JsonNode data) {
            events.append("data: ").append(data).append("\n\n");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"ANTHROPIC", "GEMINI"})
    void aStreamIsWhatItsAnswerIsUnstreamed(Dialect dialect) {
        for (int round = 0; round < ROUNDS; round++) {
            Pair pair = dialect == Dialect.ANTHROPIC ? message() : candidates();
            String about = "seed %d: %s%n%s".formatted(seed, pair.plain(), pair.events());
            WireFormat format = Chats.format(dialect);
            Reading plain = format.answer(REQUEST.operation(), 200, Map.of(), bytes(pair.plain()));
            List<byte[]> chunks = new ArrayList<>();

            Ended ended = read(format, pair.events().toString(), chunks);

            assertThat(ended.whole()).as(about).isTrue();
            assertThat(ended.reading().good()).as(about).isEqualTo(plain.good());
            assertThat(ended.reading().answer().body().text())
                    .as(about)
                    .isEqualTo(plain.answer().body().text());
            assertThat(ended.reading().answer().mended())
                    .as(about)
                    .isEqualTo(plain.answer().mended());
            assertThat(ended.reading().answer().finishReason())
                    .as(about)
                    .isEqualTo(plain.answer().finishReason());
            chunks.addAll(ended.closing());
            assertThat((Object) said(rejoined(chunks)))
                    .as(about)
                    .isEqualTo(said(JSON.readTree(plain.answer().body().bytes())));
        }
    }

    private Ended read(WireFormat format, String events, List<byte[]> chunks) {
        StreamReader reader = format.stream(REQUEST, 200, Map.of());
        byte[] bytes = events.getBytes(StandardCharsets.UTF_8);
        for (int at = 0; at < bytes.length; ) {
            int end = Math.min(bytes.length, at + 1 + random.nextInt(200));
            byte[] piece = Arrays.copyOfRange(bytes, at, end);
            reader.take(piece, piece.length, chunks::add);
            at = end;
        }
        return reader.end();
    }

    /** As a client of OpenAI's would. */
    private static JsonNode rejoined(List<byte[]> chunks) {
        StringBuilder events = new StringBuilder();
        for (byte[] each : chunks) {
            events.append("data: ").append(new String(each, StandardCharsets.UTF_8)).append("\n\n");
        }
        byte[] stream =
                events.append("data: [DONE]\n\n").toString().getBytes(StandardCharsets.UTF_8);
        Reading reading = new OpenAiFormat().answer(REQUEST.operation(), 200, Map.of(), stream);
        return JSON.readTree(reading.answer().body().text());
    }

    /** What matters to a client; how a call's arguments are spaced does not. */
    private static ObjectNode said(JsonNode completion) {
        ObjectNode said = JSON.createObjectNode();
        said.set("id", completion.get("id"));
        said.set("model", completion.get("model"));
        said.set("usage", completion.get("usage"));
        for (JsonNode choice : completion.get("choices")) {
            ObjectNode each = said.withArray("choices").addObject();
            JsonNode message = choice.path("message");
            each.put("index", choice.get("index").asInt());
            each.put("content", message.path("content").asString(""));
            each.put("reasoning", message.path("reasoning_content").asString(""));
            each.set("thinking", message.path("thinking_blocks"));
            each.set("finish", choice.get("finish_reason"));
            for (JsonNode call : message.path("tool_calls")) {
                ObjectNode copy = call.deepCopy().asObject();
                String arguments = call.at("/function/arguments").asString();
                copy.withObject("function").set("arguments", JSON.readTree(arguments));
                each.withArray("calls").add(copy);
            }
        }
        return said;
    }

    private Pair message() {
        ObjectNode message = JSON.createObjectNode().put("id", "msg_1").put("type", "message");
        message.put("role", "assistant").put("model", "claude");
        ArrayNode content = message.putArray("content");
        int blocks = random.nextInt(5);
        for (int i = 0; i < blocks; i++) {
            content.add(block(i));
        }
        String reason = any(List.of("end_turn", "max_tokens", "tool_use", "refusal", "new_word"));
        message.put("stop_reason", reason).putNull("stop_sequence");
        ObjectNode usage = message.putObject("usage");
        usage.put("input_tokens", random.nextInt(100));
        usage.put("cache_read_input_tokens", random.nextInt(100));
        usage.put("output_tokens", 1 + random.nextInt(100));
        return new Pair(message, events(message));
    }

    private ObjectNode block(int index) {
        ObjectNode block = JSON.createObjectNode();
        return switch (random.nextInt(5)) {
            case 0 ->
                    block.put("type", "thinking")
                            .put("thinking", any(TEXTS))
                            .put("signature", "c2ln");
            case 1 -> block.put("type", "redacted_thinking").put("data", "Emw=");
            case 2 -> block.put("type", "unheard_of").put("data", "x");
            case 3 -> {
                block.put("type", "tool_use").put("id", "toolu_" + index).put("name", "f");
                yield block.set("input", JSON.readTree(any(INPUTS)));
            }
            default -> block.put("type", "text").put("text", any(TEXTS));
        };
    }

    private StringBuilder events(ObjectNode message) {
        Pair out = new Pair(message, new StringBuilder());
        ObjectNode begun = message.deepCopy();
        begun.putArray("content");
        begun.putNull("stop_reason").withObject("usage").put("output_tokens", 1);
        out.event("message_start", event("message_start").set("message", begun));
        int index = 0;
        for (JsonNode block : message.get("content")) {
            block(out, index++, block.deepCopy().asObject());
        }
        ObjectNode end = event("message_delta");
        end.putObject("delta").set("stop_reason", message.get("stop_reason"));
        end.putObject("usage").set("output_tokens", message.at("/usage/output_tokens"));
        out.event("message_delta", end);
        out.event("message_stop", event("message_stop"));
        return out.events();
    }

    private void block(Pair out, int index, ObjectNode block) {
        String type = block.get("type").asString();
        String whole =
                switch (type) {
                    case "text", "thinking" -> block.get(type).asString();
                    case "tool_use" -> block.get("input").toString();
                    default -> "";
                };
        ObjectNode begun = block.deepCopy();
        switch (type) {
            case "text" -> begun.put("text", "");
            case "thinking" -> begun.put("thinking", "").put("signature", "");
            case "tool_use" -> begun.putObject("input");
            default -> {}
        }
        ObjectNode start = event("content_block_start").put("index", index);
        out.event("content_block_start", start.set("content_block", begun));
        String kind = type.equals("tool_use") ? "input_json_delta" : type + "_delta";
        String member = type.equals("tool_use") ? "partial_json" : type;
        boolean inputless = type.equals("tool_use") && whole.equals("{}") && random.nextBoolean();
        for (String piece : inputless ? List.<String>of() : pieces(whole)) {
            if (random.nextInt(5) == 0) {
                out.event("ping", event("ping"));
            }
            delta(out, index, kind, member, piece);
        }
        if (type.equals("thinking")) {
            delta(out, index, "signature_delta", "signature", block.get("signature").asString());
        }
        out.event("content_block_stop", event("content_block_stop").put("index", index));
    }

    private static void delta(Pair out, int index, String kind, String member, String piece) {
        ObjectNode event = event("content_block_delta").put("index", index);
        event.putObject("delta").put("type", kind).put(member, piece);
        out.event("content_block_delta", event);
    }

    private static ObjectNode event(String type) {
        return JSON.createObjectNode().put("type", type);
    }

    private Pair candidates() {
        ObjectNode answer = JSON.createObjectNode();
        Pair out = new Pair(answer, new StringBuilder());
        ArrayNode list = answer.putArray("candidates");
        int count = 1 + random.nextInt(2);
        for (int i = 0; i < count; i++) {
            ObjectNode candidate = list.addObject();
            ArrayNode parts = candidate.putObject("content").put("role", "model").putArray("parts");
            int most = random.nextInt(5);
            for (int part = 0; part < most; part++) {
                parts.add(part());
            }
            candidate.put("finishReason", any(List.of("STOP", "MAX_TOKENS", "SAFETY", "NEW")));
            candidate.put("index", i);
        }
        ObjectNode usage = answer.putObject("usageMetadata");
        usage.put("promptTokenCount", 9).put("candidatesTokenCount", 1 + random.nextInt(99));
        usage.put("thoughtsTokenCount", random.nextInt(99));
        answer.put("modelVersion", "gemini").put("responseId", "r-1");
        for (JsonNode each : list) {
            candidate(out, answer, each);
        }
        return out;
    }

    private ObjectNode part() {
        ObjectNode part = JSON.createObjectNode();
        return switch (random.nextInt(4)) {
            case 0 -> part.put("text", any(TEXTS)).put("thought", true);
            case 1 -> {
                ObjectNode call = part.putObject("functionCall").put("name", "f");
                call.set("args", JSON.readTree(any(INPUTS)));
                if (random.nextBoolean()) {
                    call.put("id", "c" + random.nextInt(100));
                }
                yield part;
            }
            case 2 -> {
                part.putObject("executableCode").put("code", "1");
                yield part;
            }
            default -> part.put("text", any(TEXTS));
        };
    }

    /** One candidate's events; they end with its end, and with the counts so far. */
    private void candidate(Pair out, ObjectNode answer, JsonNode candidate) {
        for (JsonNode part : candidate.at("/content/parts")) {
            List<String> texts =
                    part.has("text") ? pieces(part.get("text").asString()) : List.of("");
            for (String text : texts) {
                ObjectNode piece = part.deepCopy().asObject();
                if (part.has("text")) {
                    piece.put("text", text);
                }
                ObjectNode event = JSON.createObjectNode();
                ObjectNode said = event.putArray("candidates").addObject();
                said.putObject("content").put("role", "model").putArray("parts").add(piece);
                said.set("index", candidate.get("index"));
                event.putObject("usageMetadata").put("promptTokenCount", 9);
                out.data(named(event, answer));
            }
        }
        ObjectNode last = JSON.createObjectNode();
        ObjectNode end = last.putArray("candidates").addObject();
        end.set("finishReason", candidate.get("finishReason"));
        end.set("index", candidate.get("index"));
        last.set("usageMetadata", answer.get("usageMetadata"));
        out.data(named(last, answer));
    }

    private static ObjectNode named(ObjectNode event, ObjectNode answer) {
        event.set("modelVersion", answer.get("modelVersion"));
        return event.set("responseId", answer.get("responseId")).asObject();
    }

    /** Never within a character. */
    private List<String> pieces(String text) {
        List<String> pieces = new ArrayList<>();
        int[] points = text.codePoints().toArray();
        for (int at = 0; at < points.length; ) {
            int length = Math.min(points.length - at, 1 + random.nextInt(6));
            pieces.add(new String(points, at, length));
            at += length;
        }
        return pieces;
    }

    private <T> T any(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    private static byte[] bytes(JsonNode json) {
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }
}
