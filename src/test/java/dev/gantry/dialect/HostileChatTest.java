package dev.gantry.dialect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.gantry.dialect.Translation.Untranslatable;
import dev.gantry.dialect.Translation.WireRequest;
import dev.gantry.inference.Dialect;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Operation;
import dev.gantry.operation.Operations;
import dev.gantry.request.DecodedRecord;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Whatever a caller or a server writes: a clear refusal, never an exception. */
class HostileChatTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int ROUNDS = 30;
    private static final List<String> ODD =
            List.of("null", "7", "-0.5", "true", "\"\"", "\"odd\"", "[]", "{}", "[null]", "[[]]");

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    {}                                                   | messages: a list is wanted
                    {'messages': []}                                     | messages: one that is no instruction is wanted
                    {'messages': [{'role': 'system', 'content': 'x'}]}   | messages: one that is no instruction is wanted
                    {'messages': [{'content': 'x'}]}                     | messages[0].role: a text is wanted
                    {'messages': [{'role': 'elf', 'content': 'x'}]}      | messages[0].role: one of system, developer, user, assistant, tool is wanted
                    {'messages': [{'role': 'user'}]}                     | messages[0].content: a text or a list of parts, not empty, is wanted
                    {'messages': [{'role': 'user', 'content': ''}]}      | messages[0].content: a text or a list of parts, not empty, is wanted
                    {'messages': [{'role': 'user', 'content': 5}]}       | messages[0].content: a text or a list of parts is wanted
                    {'messages': [{'role': 'user', 'content': [5]}]}     | messages[0].content[0]: an object is wanted
                    {'messages': [{'role': 'user', 'content': [{'type': 'text'}]}]} | messages[0].content[0].text: a text is wanted
                    {'messages': [{'role': 'user', 'content': [{'type': 'image_url', 'image_url': {'url': 'ftp://h'}}]}]} | messages[0].content[0].image_url.url: a data URL or an address with http is wanted
                    {'messages': [{'role': 'user', 'content': [{'type': 'image_url', 'image_url': 'data:,x'}]}]} | messages[0].content[0].image_url.url: a data URL with a media type and base64 is wanted
                    {'messages': [{'role': 'user', 'content': 'x', 'name': 'jo'}]} | messages[0].name: has no counterpart in this dialect; a message without it is wanted
                    {'messages': [{'role': 'tool', 'content': 'x', 'tool_call_id': 'c'}]} | messages[0].tool_call_id: the id of a tool call before it is wanted
                    {'messages': [{'role': 'assistant', 'tool_calls': [{'id': 'c', 'function': {'name': 'f', 'arguments': '{'}}]}]} | messages[0].tool_calls[0].function.arguments: a JSON object is wanted
                    {'messages': [{'role': 'user', 'content': 'x'}], 'tools': [{'type': 'web_search'}]} | tools[0].type: function is wanted
                    {'messages': [{'role': 'user', 'content': 'x'}], 'tools': [{'type': 'function'}]} | tools[0].function: an object is wanted
                    {'messages': [{'role': 'user', 'content': 'x'}], 'tools': [{'type': 'function', 'function': {'name': 'f'}}], 'tool_choice': 'maybe'} | tool_choice: auto, none, required or a named function is wanted
                    {'messages': [{'role': 'user', 'content': 'x'}], 'temperature': 'hot'} | temperature: a number is wanted
                    {'messages': [{'role': 'user', 'content': 'x'}], 'stop': [1]} | stop[0]: a text is wanted
                    {'messages': [{'role': 'user', 'content': 'x'}], 'reasoning_effort': 'much'} | reasoning_effort: none, minimal, low, medium, high, xhigh or max is wanted
                    {'messages': [{'role': 'user', 'content': 'x'}], 'response_format': {'type': 'xml'}} | response_format.type: one of text, json_object, json_schema is wanted
                    {'messages': [{'role': 'user', 'content': 'x'}], 'response_format': {'type': 'json_schema'}} | response_format.json_schema: an object is wanted
                    """)
    void whatIsNoRequestIsRefusedByItsPlace(String body, String why) {
        for (Dialect dialect : List.of(Dialect.ANTHROPIC, Dialect.GEMINI)) {
            assertThat(translated(dialect, Operations.CHAT, body.replace('\'', '"')))
                    .as(dialect.label())
                    .isEqualTo(new Untranslatable(why));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    {}                                                    | input: a text or a list of items is wanted
                    {'input': 5}                                          | input: a text or a list of items is wanted
                    {'input': [5]}                                        | input[0]: an object is wanted
                    {'input': [{'type': 5}]}                              | input[0].type: a text is wanted
                    {'input': [{'type': 'item_reference', 'id': 'x'}]}    | input[0].type: one of message, function_call, function_call_output, reasoning is wanted
                    {'input': [{'id': 'x'}]}                              | input[0].role: a text is wanted
                    {'input': [{'role': 'elf', 'content': 'x'}]}          | input[0].role: one of user, assistant, system, developer is wanted
                    {'input': [{'role': 'user'}]}                         | input[0].content: a text or a list of parts is wanted
                    {'input': [{'role': 'user', 'content': [5]}]}         | input[0].content[0]: an object is wanted
                    {'input': [{'role': 'user', 'content': [{'type': 'input_file'}]}]}   | input[0].content[0].type: one of input_text, output_text, refusal, input_image is wanted
                    {'input': [{'role': 'user', 'content': [{'type': 'input_text'}]}]}   | input[0].content[0].text: a text is wanted
                    {'input': [{'role': 'user', 'content': [{'type': 'input_image'}]}]}  | input[0].content[0].image_url: a text is wanted
                    {'input': [{'role': 'user', 'content': [{'type': 'input_image', 'file_id': 'f'}]}]} | input[0].content[0].file_id: has no counterpart in chat; image_url is wanted
                    {'input': [{'type': 'function_call', 'name': 'f'}]}   | input[0].call_id: a text is wanted
                    {'input': [{'type': 'function_call', 'call_id': 'c', 'name': 'f'}]}  | input[0].arguments: a text is wanted
                    {'input': [{'type': 'function_call_output', 'call_id': 'c'}]}        | input[0].output: a text or a list of parts is wanted
                    {'input': 'x', 'instructions': ['y']}                 | instructions: a text is wanted
                    {'input': 'x', 'tools': [{'type': 'web_search'}]}     | tools[0].type: function is wanted
                    {'input': 'x', 'tools': [{'type': 'function'}]}       | tools[0].name: a text is wanted
                    {'input': 'x', 'tools': [{'type': 'function', 'name': 'f'}], 'tool_choice': {'type': 'mcp'}} | tool_choice.type: function is wanted
                    {'input': 'x', 'text': 'y'}                           | text: an object is wanted
                    {'input': 'x', 'text': {'format': {'type': 'xml'}}}   | text.format.type: one of text, json_object, json_schema is wanted
                    {'input': 'x', 'reasoning': 'y'}                      | reasoning: an object is wanted
                    """)
    void whatIsNoResponsesRequestIsRefusedByItsPlace(String body, String why) {
        for (Dialect dialect : Dialect.values()) {
            assertThat(translated(dialect, Operations.RESPONSES, body.replace('\'', '"')))
                    .as(dialect.label())
                    .isEqualTo(new Untranslatable(why));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    {'input': ''}                                         | input: a text or a list of parts, not empty, is wanted
                    {'input': 'x', 'instructions': ''}                    | instructions: a text or a list of parts, not empty, is wanted
                    {'input': [], 'instructions': 'x'}                    | input: one that is no instruction is wanted
                    {'input': [{'role': 'user', 'content': ''}], 'instructions': 'x'} | input[0].content: a text or a list of parts, not empty, is wanted
                    {'input': [{'role': 'user', 'content': [{'type': 'input_image', 'image_url': 'ftp://h'}]}]} | input[0].content[0].image_url: a data URL or an address with http is wanted
                    {'input': [{'role': 'user', 'content': 'x'}, {'role': 'assistant', 'content': 'y'}, {'type': 'function_call', 'call_id': 'c', 'name': 'f', 'arguments': '{'}]} | input[2].arguments: a JSON object is wanted
                    {'input': [{'type': 'function_call_output', 'call_id': 'c', 'output': '5'}]} | input[0].call_id: the id of a tool call before it is wanted
                    {'input': 'x', 'tools': [{'type': 'function', 'name': 'f', 'parameters': 5}]} | tools[0].parameters: an object is wanted
                    {'input': 'x', 'text': {'format': {'type': 'json_schema'}}} | text.format.schema: an object is wanted
                    {'input': 'x', 'reasoning': {'effort': 'much'}}       | reasoning.effort: none, minimal, low, medium, high, xhigh or max is wanted
                    """)
    void whatItsChatCannotSayIsRefusedByTheCallersPlace(String body, String why) {
        for (Dialect dialect : List.of(Dialect.ANTHROPIC, Dialect.GEMINI)) {
            assertThat(translated(dialect, Operations.RESPONSES, body.replace('\'', '"')))
                    .as(dialect.label())
                    .isEqualTo(new Untranslatable(why));
        }
    }

    @Test
    void anyPartOfARequestMayBeAnything() throws IOException {
        for (Path file : GoldenPairsTest.files().toList()) {
            Operation operation = GoldenPairsTest.operation(file);
            JsonNode request = JSON.readTree(Files.readString(file)).get("request");
            for (int round = 0; request != null && round < ROUNDS; round++) {
                String body = broken(request.deepCopy()).toString();
                if (Chats.decoded(operation, body) instanceof DecodedRecord.Invalid) {
                    continue; // It never comes so far.
                }
                for (Dialect dialect : Dialect.values()) {
                    assertThat(translated(dialect, operation, body))
                            .as("seed %d: %s to %s", seed, body, dialect)
                            .isInstanceOfAny(WireRequest.class, Untranslatable.class);
                }
            }
        }
    }

    @Test
    void anyPartOfAnAnswerMayBeAnything() throws IOException {
        for (Path file : GoldenPairsTest.files().toList()) {
            InferenceRequest request = Chats.request(GoldenPairsTest.operation(file), "{}");
            JsonNode answered = JSON.readTree(Files.readString(file)).get("answered");
            for (int round = 0; answered != null && round < ROUNDS; round++) {
                String text = broken(answered.deepCopy()).toString();
                String cut = text.substring(0, random.nextInt(text.length() + 1));
                for (String each : List.of(text, cut)) {
                    for (Dialect dialect : Dialect.values()) {
                        var dispatch = Chats.dispatch(request, dialect, "m");
                        WireFormat.Reading reading =
                                Chats.format(request, dispatch, dialect)
                                        .answer(
                                                Operations.CHAT,
                                                random.nextBoolean() ? 200 : 400,
                                                Map.of(),
                                                each.getBytes(StandardCharsets.UTF_8));
                        assertThat(reading.answer().body())
                                .as("seed %d: %s", seed, each)
                                .isNotNull();
                    }
                }
            }
        }
    }

    @Test
    void anyEventOfAStreamMayBeAnything() throws IOException {
        InferenceRequest request =
                Chats.request(
                        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],"
                                + "\"stream\":true,\"stream_options\":{\"include_usage\":true}}");
        for (Path file : GoldenPairsTest.files("txt").toList()) {
            WireFormat format = Chats.format(GoldenPairsTest.dialect(file));
            List<String> lines = Files.readString(file).lines().toList();
            List<String> events = lines.subList(0, lines.indexOf("--- chunks"));
            for (int round = 0; round < ROUNDS; round++) {
                String stream = String.join("\n", events.stream().map(this::brokenEvent).toList());
                byte[] bytes = stream.getBytes(StandardCharsets.UTF_8);
                StreamReader reader = format.stream(request, 200, Map.of());

                assertThatCode(
                                () -> {
                                    reader.take(bytes, bytes.length, JSON::readTree);
                                    reader.end().closing().forEach(JSON::readTree);
                                })
                        .as("seed %d: %s", seed, stream)
                        .doesNotThrowAnyException();
            }
        }
    }

    private String brokenEvent(String line) {
        return line.startsWith("data: ") && random.nextInt(3) == 0
                ? "data: " + broken(JSON.readTree(line.substring(6)))
                : line;
    }

    private static Translation translated(Dialect dialect, Operation operation, String body) {
        InferenceRequest request = Chats.request(operation, body);
        assertThat(DialectGaps.in(dialect, Operations.CHAT, request)).doesNotContainNull();
        var dispatch = Chats.dispatch(request, dialect, "m");
        return Chats.format(request, dispatch, dialect).request(request, dispatch);
    }

    /** Something somewhere is replaced, or gone. */
    private JsonNode broken(JsonNode node) {
        if (node.isEmpty() || random.nextInt(6) == 0) {
            return JSON.readTree(ODD.get(random.nextInt(ODD.size())));
        }
        if (node instanceof ArrayNode list) {
            int at = random.nextInt(list.size());
            list.set(at, broken(list.get(at)));
        } else if (node instanceof ObjectNode object) {
            List<String> names = List.copyOf(object.propertyNames());
            String name = names.get(random.nextInt(names.size()));
            if (random.nextInt(6) == 0) {
                object.remove(name);
            } else {
                object.set(name, broken(object.get(name)));
            }
        }
        return node;
    }
}
