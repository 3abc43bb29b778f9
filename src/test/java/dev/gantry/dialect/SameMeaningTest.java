package dev.gantry.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.Answer;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.Cancellation;
import dev.gantry.inference.Dialect;
import dev.gantry.inference.FinishReason;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Operation;
import dev.gantry.inference.Usage;
import dev.gantry.operation.Operations;
import dev.gantry.provider.Calls;
import dev.gantry.provider.DeltaSink;
import dev.gantry.provider.EndpointDraft;
import dev.gantry.provider.ProviderReply;
import dev.gantry.provider.Providers;
import dev.gantry.simulator.Call;
import dev.gantry.simulator.SimulatedProvider;
import dev.gantry.simulator.script.AnswerShape;
import dev.gantry.simulator.script.Behaviour;
import dev.gantry.simulator.script.Script;

import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.net.URI;
import java.util.List;
import java.util.Random;

/**
 * Random requests that a dialect has forms for, through a provider that speaks it: what is asked
 * there is what the request says, and what is answered and billed comes back.
 */
class SameMeaningTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int ROUNDS = 60;

    private final long seed = new Random().nextLong();

    @Test
    void whatIsAskedAndAnsweredIsTheSameInEveryDialect() throws Exception {
        askAll(Operations.CHAT, List.of(Dialect.ANTHROPIC, Dialect.GEMINI));
    }

    @Test
    void whatIsAskedAndAnsweredByTheResponsesApiIsTheSameInEveryChat() throws Exception {
        askAll(Operations.RESPONSES, List.of(Dialect.values()));
    }

    /** The text of the chunks. */
    private record Told(StringBuilder text) implements DeltaSink {
        @Override
        public void delta(byte[] chunk) {
            text.append(JSON.readTree(chunk).at("/choices/0/delta/content").asString(""));
        }

        @Override
        public void closing(List<byte[]> chunks) {}

        @Override
        public void cut(Usage came) {}
    }

    private void askAll(Operation operation, List<Dialect> dialects) throws Exception {
        Script script = Script.of(Behaviour.FAULTLESS.with(new AnswerShape(0, 0.25, 0.5, "-2026")));
        try (SimulatedProvider server = SimulatedProvider.start(script);
                Providers providers = Calls.all(DataSize.ofMegabytes(1), List.of())) {
            for (Dialect dialect : dialects) {
                RandomChat random = new RandomChat(new Random(seed), dialect, operation);
                for (int round = 0; round < ROUNDS; round++) {
                    ask(dialect, operation, random.next(), server, providers);
                }
            }
        }
    }

    private void ask(
            Dialect dialect,
            Operation operation,
            ObjectNode chat,
            SimulatedProvider server,
            Providers providers) {
        boolean responses = operation.equals(Operations.RESPONSES);
        String body = responses ? AsResponses.of(chat) : chat.toString();
        String about = "seed %d, %s: %s".formatted(seed, dialect, body);
        InferenceRequest request = Chats.request(operation, body);
        String model = dialect == Dialect.ANTHROPIC ? "claude-sonnet-4-5" : "gemini-2.5-flash";
        Attempt.Dispatch dispatch = Chats.dispatch(request, dialect, model);
        URI base =
                dialect == Dialect.GEMINI ? server.address().resolve("/v1beta") : server.baseUrl();
        var endpoint = new EndpointDraft(base).dialect(dialect).build();

        Told told = new Told(new StringBuilder());
        ProviderReply reply =
                providers
                        .at(endpoint)
                        .call(
                                request,
                                dispatch,
                                Calls.LONG,
                                new Cancellation(),
                                Calls.hold(),
                                told);

        assertThat(DialectGaps.in(dialect, Operations.CHAT, request)).as(about).isEmpty();
        assertThat(reply).as(about).isInstanceOf(ProviderReply.Answered.class);
        Answer answer = ((ProviderReply.Answered) reply).answer();
        assertThat(answer.status()).as("%s%n%s", about, answer.body().text()).isEqualTo(200);
        billed(answer, server.ledger().calls().getLast(), about);
        if (responses) {
            response(answer, model, about);
        } else {
            translated(answer, model, about);
            JsonNode said = JSON.readTree(answer.body().bytes()).at("/choices/0/message/content");
            assertThat(told.text().toString())
                    .as(about)
                    .isEqualTo(request.streams() ? said.asString() : "");
        }
        WireFormat format = Chats.format(request, dispatch, dialect);
        JsonNode sent = Chats.sent(format.request(request, dispatch));
        assertThat((Object) InverseChat.of(dialect, sent))
                .as("%s%n%s", about, sent)
                .isEqualTo(InverseChat.normal(chat, dialect));
    }

    private static void translated(Answer answer, String model, String about) {
        JsonNode json = JSON.readTree(answer.body().bytes());
        String text = json.at("/choices/0/message/content").asString("");
        Usage usage = answer.usage();
        assertThat(text).as(about).isNotEmpty();
        assertThat(json.at("/model").asString()).as(about).isEqualTo(model + "-2026");
        assertThat(json.at("/choices/0/finish_reason").asString()).as(about).isIn("stop", "length");
        assertThat(usage).as(about).isNotNull();
        assertThat(json.at("/usage/completion_tokens").asLong()).isEqualTo(usage.output());
        assertThat(json.at("/choices/0/message/reasoning_content").isMissingNode())
                .as(about)
                .isEqualTo(Long.valueOf(0).equals(usage.reasoning()));
    }

    private static void response(Answer answer, String model, String about) {
        JsonNode json = JSON.readTree(answer.body().bytes());
        Usage usage = answer.usage();
        int last = json.at("/output").size() - 1;
        boolean cut = FinishReason.of(answer.finishReason()) == FinishReason.CUT;
        assertThat(json.at("/object").asString()).as(about).isEqualTo("response");
        assertThat(json.at("/model").asString()).as(about).isEqualTo(model + "-2026");
        assertThat(json.at("/output/%d/content/0/text".formatted(last)).asString())
                .as(about)
                .isNotEmpty();
        assertThat(json.at("/status").asString())
                .as(about)
                .isEqualTo(cut ? "incomplete" : "completed");
        assertThat(usage).as(about).isNotNull();
        assertThat(
                        List.of(
                                json.at("/usage/input_tokens").asLong(),
                                json.at("/usage/input_tokens_details/cached_tokens").asLong(),
                                json.at("/usage/output_tokens").asLong(),
                                json.at("/usage/output_tokens_details/reasoning_tokens").asLong()))
                .as(about)
                .containsExactly(
                        usage.input(), usage.cacheRead(), usage.output(), usage.reasoning());
    }

    private static void billed(Answer answer, Call call, String about) {
        Usage usage = answer.usage();
        assertThat(usage).as(about).isNotNull();
        assertThat(List.of(usage.input(), usage.cacheRead(), usage.output(), usage.reasoning()))
                .as(about)
                .containsExactly(
                        call.tokens().input(),
                        call.tokens().cached(),
                        call.tokens().output(),
                        call.tokens().reasoning());
    }
}
