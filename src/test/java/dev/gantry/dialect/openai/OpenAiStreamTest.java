package dev.gantry.dialect.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.dialect.Chats;
import dev.gantry.dialect.StreamReader;
import dev.gantry.dialect.StreamReader.Ended;
import dev.gantry.dialect.UnstreamedReader;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.operation.Operations;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

class OpenAiStreamTest {
    private static final InferenceRequest REQUEST = request("");
    private static final String ROLE =
            "{\"id\":\"c-1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}";
    private static final String HEL =
            "{\"id\":\"c-1\",\"model\":\"m\", \"choices\":[{\"index\":0,\"delta\":{\"content\":\"Häl€\"}}]}";
    private static final String LO =
            "{\"id\":\"c-1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"lo😀\"},\"n\":1.50}]}";
    private static final String END =
            "{\"id\":\"c-1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}";
    private static final String USAGE =
            "{\"id\":\"c-1\",\"choices\":[],\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":2}}";
    private static final String TEXT =
            events(ROLE) + ": ping\n\n" + events(HEL, LO, END, USAGE) + "data: [DONE]\n\n";

    @Test
    void chunksPassOnByteForByte() {
        Read read = read(REQUEST, TEXT);

        assertThat(read.told).containsExactly(ROLE, HEL, LO);
        assertThat(read.closing()).containsExactly(END);
        assertThat(read.ended().whole()).isTrue();
        assertThat(read.ended().reading().good()).isTrue();
        assertThat(read.answer().at("/choices/0/message/content").asString()).isEqualTo("Häl€lo😀");
        assertThat(read.ended().reading().answer().usage()).isNotNull();
        assertThat(read.ended().reading().answer().mended()).isEmpty();
    }

    @Test
    void theUsageIsToldToThoseWhoAskForIt() {
        InferenceRequest asking = request(",\"stream_options\":{\"include_usage\":true}");

        assertThat(read(asking, TEXT).closing()).containsExactly(END, USAGE);
    }

    /** A prefix of the chunks in order, and nothing twice, wherever the stream is cut. */
    @Test
    void aStreamMayEndAtEveryByte() {
        byte[] bytes = bytes(TEXT);
        List<String> all = List.of(ROLE, HEL, LO, END);
        int end = bytes(TEXT.substring(0, TEXT.indexOf(END) + END.length())).length;
        for (int length = 0; length <= bytes.length; length++) {
            var read = new Read(REQUEST);
            read.take(bytes, 0, length);
            read.end();

            List<String> chunks = new ArrayList<>(read.told);
            chunks.addAll(read.closing());
            assertThat(chunks).as("cut at %s", length).isEqualTo(all.subList(0, chunks.size()));
            assertThat(read.ended().whole()).as("cut at %s", length).isEqualTo(length >= end);
            assertThat(read.ended().reading().answer().body().isJson()).isEqualTo(length >= end);
        }
    }

    @Test
    void itMayComeInAnyTwoPieces() {
        byte[] bytes = bytes(TEXT);
        byte[] whole = read(REQUEST, TEXT).ended().reading().answer().body().bytes();
        for (int cut = 0; cut <= bytes.length; cut++) {
            var read = new Read(REQUEST);
            read.take(bytes, 0, cut);
            read.take(bytes, cut, bytes.length);
            read.end();

            assertThat(read.told).as("cut at %s", cut).containsExactly(ROLE, HEL, LO);
            assertThat(read.ended().reading().answer().body().bytes())
                    .as("cut at %s", cut)
                    .isEqualTo(whole);
        }
    }

    @Test
    void aDeltaIsToldAtOnce() {
        var read = new Read(REQUEST);

        byte[] bytes = bytes(events(ROLE, HEL));
        read.take(bytes, 0, bytes.length);

        assertThat(read.told).containsExactly(ROLE, HEL);
    }

    @Test
    void anOpeningWithoutAWordIsToldToNobody() {
        Read read = read(REQUEST, events(ROLE, "{\"error\":{\"message\":\"overloaded\"}}"));

        assertThat(read.told).isEmpty();
        assertThat(read.ended().reading().good()).isFalse();
        assertThat(read.answer().at("/error/message").asString()).isEqualTo("overloaded");
    }

    @Test
    void toolCallsReasoningAndTextsOfCompletionsAreDeltas() {
        String call = "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"t\"}]}}]}";
        String thought = "{\"choices\":[{\"delta\":{\"reasoning_content\":\"hm\"}}]}";
        String text = "{\"object\":\"text_completion\",\"choices\":[{\"text\":\"a\"}]}";

        assertThat(read(REQUEST, events(call)).told).containsExactly(call);
        assertThat(read(REQUEST, events(thought)).told).containsExactly(thought);
        assertThat(read(REQUEST, events(text)).told).containsExactly(text);
    }

    /**
     * Deltas that differ in their text only are not parsed again; those that differ in more are.
     */
    @Test
    void textsOfOneFormAreJoinedAsAnyOthers() {
        String form = HEL.replace("Häl€", "%s");
        String escaped = form.formatted("\\n\\\"q\\\"");
        String other = form.formatted("b").replace("\"index\":0", "\"index\":1");
        String thought = form.formatted("c").replace("\"content\"", "\"reasoning_content\"");
        String[] chunks = {
            form.formatted("a"), form.formatted("€x"), escaped, form.formatted("d"), thought,
            form.formatted("e"), form.formatted("f"), other, form.formatted("g"), END
        };

        Read read = read(REQUEST, events(chunks));

        assertThat(read.told).containsExactly(chunks);
        JsonNode choices = read(REQUEST, events(chunks) + "data: [DONE]\n\n").answer();
        assertThat(choices.at("/choices/0/message/content").asString()).isEqualTo("a€x\n\"q\"defg");
        assertThat(choices.at("/choices/0/message/reasoning_content").asString()).isEqualTo("c");
        assertThat(choices.at("/choices/1/message/content").asString()).isEqualTo("b");
    }

    /** One choice may end before another begins. */
    @Test
    void choicesOneAfterAnotherKeepTheirOrder() {
        String second = HEL.replace("\"index\":0", "\"index\":1");
        String secondEnd = END.replace("\"index\":0", "\"index\":1");

        Read read = read(REQUEST, events(HEL, END, second, LO, secondEnd));

        assertThat(read.told).containsExactly(HEL, END, second, LO);
        assertThat(read.closing()).containsExactly(secondEnd);
    }

    @Test
    void whatIsNoStreamOfThisDialectIsShownAsItCame() {
        Read read = read(REQUEST, "data: hello\n\n");

        assertThat(read.ended().whole()).isFalse();
        assertThat(read.ended().reading().answer().body().text()).isEqualTo("data: hello\n\n");
        assertThat(read.closing()).isEmpty();
    }

    @Test
    void aWholeAnswerBecomesOneChunk() {
        String answer =
                "{\"id\":\"c-1\",\"object\":\"chat.completion\",\"choices\":[{\"index\":0,\"message\":"
                        + "{\"role\":\"assistant\",\"content\":\"Hello\"},\"finish_reason\":\"stop\"}]}";
        var read =
                new Read(
                        new UnstreamedReader(
                                new OpenAiFormat(), REQUEST.operation(), 200, Map.of()));
        read.take(bytes(answer), 0, bytes(answer).length);
        read.end();

        assertThat(read.told).isEmpty();
        assertThat(read.closing())
                .containsExactly(
                        "{\"id\":\"c-1\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,"
                                + "\"finish_reason\":\"stop\",\"delta\":{\"role\":\"assistant\","
                                + "\"content\":\"Hello\"}}]}");
        assertThat(read.ended().reading().answer().body().text()).isEqualTo(answer);
    }

    private static InferenceRequest request(String more) {
        return Chats.request(
                "{\"model\":\"m\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]"
                        + more
                        + "}");
    }

    @Test
    void eventsOfTheResponsesApiPassOnAndItsLastIsTheAnswer() {
        InferenceRequest request =
                Chats.request(Operations.RESPONSES, "{\"input\":\"Hi\",\"stream\":true}");
        String created =
                "{\"type\":\"response.created\",\"response\":{\"status\":\"in_progress\"}}";
        String first = "{\"type\":\"response.output_text.delta\",\"delta\":\"4\"}";
        String done = "{\"type\":\"response.output_text.done\",\"text\":\"4\"}";
        String last =
                "{\"type\":\"response.%1$s\",\"response\":{\"status\":\"%1$s\",\"output\":[{}],"
                        + "\"usage\":{\"input_tokens\":3,\"output_tokens\":1}}}";

        Read whole = read(request, events(created, first, done, last.formatted("completed")));
        Read failed = read(request, events(created, last.formatted("failed")));
        Read cut = read(request, events(created, first));

        assertThat(whole.told).containsExactly(created, first, done);
        assertThat(whole.closing()).containsExactly(last.formatted("completed"));
        assertThat(whole.ended().whole()).isTrue();
        assertThat(whole.answer().at("/status").asString()).isEqualTo("completed");
        assertThat(whole.ended().reading().answer().usage()).isNotNull();
        assertThat(failed.told).isEmpty();
        assertThat(failed.ended().reading().answer().finishReason()).isEqualTo("failed");
        assertThat(cut.ended().whole()).isFalse();
    }

    private static Read read(InferenceRequest request, String text) {
        var read = new Read(request);
        byte[] bytes = bytes(text);
        read.take(bytes, 0, bytes.length);
        read.end();
        return read;
    }

    private static String events(String... data) {
        return "data: " + String.join("\n\ndata: ", data) + "\n\n";
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** One stream, and what was made of it. */
    private static final class Read {
        private final List<String> told = new ArrayList<>();
        private final StreamReader reader;
        private @Nullable Ended ended;

        Read(InferenceRequest request) {
            this(new OpenAiFormat().stream(request, 200, Map.of()));
        }

        Read(StreamReader reader) {
            this.reader = reader;
        }

        void take(byte[] bytes, int from, int to) {
            byte[] piece = Arrays.copyOfRange(bytes, from, to);
            reader.take(piece, piece.length, chunk -> told.add(text(chunk)));
        }

        void end() {
            ended = reader.end();
        }

        Ended ended() {
            return Objects.requireNonNull(ended, "it has not ended");
        }

        List<String> closing() {
            return ended().closing().stream().map(Read::text).toList();
        }

        JsonNode answer() {
            return JsonMapper.shared().readTree(ended().reading().answer().body().bytes());
        }

        private static String text(byte[] chunk) {
            return new String(chunk, StandardCharsets.UTF_8);
        }
    }
}
