package dev.gantry.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.dialect.Chats;
import dev.gantry.dialect.StreamReader;
import dev.gantry.dialect.WireFormat;
import dev.gantry.dialect.anthropic.MessagesFormat;
import dev.gantry.dialect.gemini.GeminiFormat;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.simulator.script.AnswerShape;
import dev.gantry.simulator.script.Behaviour;
import dev.gantry.simulator.script.Chance;
import dev.gantry.simulator.script.ConnectionEnd;
import dev.gantry.simulator.script.Fault;
import dev.gantry.simulator.script.Refusal;
import dev.gantry.simulator.script.Script;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;

class TranslatedEventsTest {
    private static final int ROUNDS = 200;
    private static final InferenceRequest REQUEST =
            Chats.request(
                    "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"stream\":true}");
    private static final String MESSAGES =
            "{\"model\":\"m\",\"max_tokens\":99,\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}";
    private static final String CONTENTS =
            "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"x\"}]}]}";

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);

    @ParameterizedTest
    @EnumSource(
            value = Protocol.class,
            names = {"ANTHROPIC", "GEMINI"})
    void saysInAStreamWhatItSaysAtOnce(Protocol protocol) {
        WireFormat format =
                protocol == Protocol.ANTHROPIC ? new MessagesFormat() : new GeminiFormat();
        for (int round = 0; round < ROUNDS; round++) {
            ChatAnswer chat = chat();
            TranslatedAnswer answer = new TranslatedAnswer(chat, protocol);
            TranslatedEvents events = new TranslatedEvents(answer);
            byte[] whole = bytes(answer.whole());
            var plain = format.answer(REQUEST.operation(), 200, Map.of(), whole);

            var pieces = read(format, String.join("", events.all()));
            var oneText = read(format, events.beforeText() + chat.text() + events.afterText());

            for (StreamReader.Ended each : List.of(pieces, oneText)) {
                assertThat(each.whole()).as("seed %d: %s", seed, chat).isTrue();
                assertThat(each.reading().good()).isTrue();
                assertThat(each.reading().answer().usage())
                        .as("seed %d: %s", seed, chat)
                        .isEqualTo(plain.answer().usage());
                assertThat(each.reading().answer().body().text())
                        .as("seed %d: %s", seed, chat)
                        .isEqualTo(plain.answer().body().text());
            }
        }
    }

    private ChatAnswer chat() {
        int input = 1 + random.nextInt(500);
        int output = 1 + random.nextInt(300);
        BilledTokens tokens =
                new BilledTokens(
                        input,
                        random.nextInt(input + 1),
                        output,
                        random.nextBoolean() ? 0 : random.nextInt(output + 1));
        return new ChatAnswer("c-1", 7, "m", tokens, random.nextBoolean(), random.nextLong());
    }

    private static StreamReader.Ended read(WireFormat format, String events) {
        StreamReader reader = format.stream(REQUEST, 200, Map.of());
        byte[] bytes = bytes(events);
        reader.take(bytes, bytes.length, _ -> {});
        return reader.end();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void streamsAsAnthropicAndGoogleDoAndBillsIt() throws Exception {
        Behaviour thinking = Behaviour.FAULTLESS.with(new AnswerShape(50, 0.5, 0.5, ""));
        var provider = SimulatedProvider.start(Script.of(thinking));
        try (var client = new ApiClient(provider)) {
            var messages = client.post("/v1/messages", MESSAGES);
            var contents = client.post("/v1beta/models/m:streamGenerateContent?alt=sse", CONTENTS);

            assertThat(messages.headers().firstValue("content-type").orElse(""))
                    .startsWith("text/event-stream");
            assertThat(messages.body())
                    .contains("event: message_start", "thinking_delta", "\"output_tokens\":50")
                    .endsWith("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
            assertThat(ApiClient.events(contents).toList())
                    .hasSizeGreaterThan(5)
                    .last()
                    .asString()
                    .contains("\"finishReason\":\"STOP\"", "\"thoughtsTokenCount\":25");
            assertThat(provider.ledger().totals().tokens().output()).isEqualTo(100);
        }
    }

    @Test
    void breaksOffAndRefusesWithinAStream() throws Exception {
        Script script =
                Script.of(Behaviour.FAULTLESS)
                        .model("cut", always(new Fault.CutDuring(ConnectionEnd.CLOSE)))
                        .model("error", always(Fault.refuse(Refusal.ERROR_IN_200)));
        var provider = SimulatedProvider.start(script);
        try (var client = new ApiClient(provider);
                var line = new BareLine(provider)) {
            line.send(
                    BareLine.post(MESSAGES.replace("\"m\"", "\"cut\""))
                            .replace("/v1/chat/completions", "/v1/messages"));
            String cut = line.rest().text();
            var messages = client.post("/v1/messages", MESSAGES.replace("\"m\"", "\"error\""));
            var contents =
                    client.post("/v1beta/models/error:streamGenerateContent?alt=sse", CONTENTS);

            assertThat(cut).contains("text_delta").doesNotContain("message_delta");
            assertThat(provider.ledger().calls().getFirst().disposition())
                    .isEqualTo(Call.Disposition.CUT_DURING);
            assertThat(messages.body()).startsWith("event: error\ndata: {").contains("Overloaded");
            assertThat(contents.body()).startsWith("data: [{").contains("UNAVAILABLE");
            assertThat(provider.ledger().calls().getLast().billed()).isFalse();
        }
    }

    private static Behaviour always(Fault fault) {
        return Behaviour.FAULTLESS.with(Chance.of(1, fault));
    }
}
