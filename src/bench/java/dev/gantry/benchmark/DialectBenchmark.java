package dev.gantry.benchmark;

import dev.gantry.dialect.Chats;
import dev.gantry.dialect.DialectGaps;
import dev.gantry.dialect.Translation;
import dev.gantry.dialect.WireFormat;
import dev.gantry.dialect.anthropic.MessagesFormat;
import dev.gantry.dialect.gemini.GeminiFormat;
import dev.gantry.dialect.openai.OpenAiFormat;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.Dialect;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.operation.Operations;

import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** What a chat request of 4 KiB takes on its way into each dialect, by JMH. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class DialectBenchmark {
    private static final String TEXT =
            "She said: \\\"measure twice, cut once\\\", and went on to do so. ".repeat(14);
    private static final String BODY =
            """
            {"model": "small", "max_tokens": 800, "temperature": 0.2, "stop": ["END"], "user": "u",
             "messages": [{"role": "system", "content": "Be brief."},
              {"role": "user", "content": "%s"}, {"role": "assistant", "content": "%s"},
              {"role": "user", "content": [{"type": "text", "text": "%s"}]},
              {"role": "assistant", "content": "%s"}, {"role": "user", "content": "And now?"}],
             "tools": [{"type": "function", "function": {"name": "weather", "parameters":
              {"type": "object", "properties": {"city": {"type": "string"}}}}}]}
            """
                    .formatted(TEXT, TEXT, TEXT, TEXT);
    private static final byte[] ANSWER =
            """
            {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude",
             "content": [{"type": "text", "text": "%s"}], "stop_reason": "end_turn",
             "usage": {"input_tokens": 900, "output_tokens": 220}}
            """
                    .formatted(TEXT)
                    .getBytes(StandardCharsets.UTF_8);

    private final InferenceRequest request = Chats.request(BODY);
    private final Attempt.Dispatch dispatch =
            Chats.dispatch(request, Dialect.ANTHROPIC, "claude-sonnet-4-5");
    private final WireFormat openai = new OpenAiFormat();
    private final WireFormat anthropic = new MessagesFormat();
    private final WireFormat gemini = new GeminiFormat();

    @Benchmark
    public Translation toOpenAi() {
        return openai.request(request, dispatch);
    }

    @Benchmark
    public Translation toMessages() {
        return anthropic.request(request, dispatch);
    }

    @Benchmark
    public Translation toGemini() {
        return gemini.request(request, dispatch);
    }

    @Benchmark
    public WireFormat.Reading fromMessages() {
        return anthropic.answer(Operations.CHAT, 200, Map.of(), ANSWER.clone());
    }

    /** What a route asks of a lane that speaks it. */
    @Benchmark
    public List<String> gaps() {
        return DialectGaps.in(Dialect.ANTHROPIC, Operations.CHAT, request);
    }

    /** Prints nanoseconds and bytes; checks nothing. */
    @Test
    void run() throws RunnerException {
        new Runner(JmhOptions.of(DialectBenchmark.class).jvmArgsAppend("-Xmx1g").build()).run();
    }
}
