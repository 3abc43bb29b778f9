package dev.gantry.benchmark;

import dev.gantry.audit.AuditEvent;
import dev.gantry.audit.AuditSettings;
import dev.gantry.audit.ContentPolicy;
import dev.gantry.classification.Classification;
import dev.gantry.classification.Classifier;
import dev.gantry.delivery.Results;
import dev.gantry.delivery.TopicsTest;
import dev.gantry.event.Decisions;
import dev.gantry.event.Envelope;
import dev.gantry.event.EventRecords;
import dev.gantry.event.EventSettings;
import dev.gantry.event.Origin;
import dev.gantry.event.Outbound;
import dev.gantry.event.OutboundRecord;
import dev.gantry.event.Result;
import dev.gantry.inference.Answer;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptFate;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Outcome;
import dev.gantry.metering.MeteringEvent;
import dev.gantry.metering.MeteringSamples;
import dev.gantry.provider.ProviderReply;
import dev.gantry.request.DecodedRecord;
import dev.gantry.request.RequestDecoder;
import dev.gantry.request.RequestDecoderTest;
import dev.gantry.secret.Secret;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** What the steps of a request of 2 KiB, answered with 2 KiB, take each, by JMH. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class StepBenchmark {
    /** What it measures of other classes. */
    private static final List<String> ELSEWHERE =
            List.of(
                    "RoutingBenchmark.byModel",
                    "AdmissionBenchmark.passage",
                    "DialectBenchmark.toOpenAi",
                    "LogBenchmark.outcome");

    private static final Path HOME = Path.of("target", "bench");
    private static final String QUESTION = "a".repeat(2_000);
    private static final String ANSWER =
            "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"model\":\"gpt-5-mini\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"%s\"},\"finish_reason\":\"stop\"}]}"
                    .formatted("b".repeat(2_000));

    private final RequestDecoder decoder =
            new RequestDecoder(
                    RequestDecoderTest.settings().requestLimits(), InstantSource.system());
    private final ConsumerRecord<byte[], byte[]> line =
            new ConsumerRecord<>(
                    "requests",
                    0,
                    1,
                    new byte[0],
                    "{\"custom_id\":\"job-17\",\"body\":{\"model\":\"small\",\"max_tokens\":64,\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}}"
                            .formatted(QUESTION)
                            .getBytes(StandardCharsets.UTF_8));
    private final InferenceRequest request =
            MeteringSamples.request(
                    MeteringSamples.request().options(),
                    MeteringSamples.body(
                            "[{\"role\":\"user\",\"content\":\"" + QUESTION + "\"}]", null));
    private final Classifier classifier = new Classifier();
    private final Answer answer =
            MeteringSamples.answer(200, ANSWER, MeteringSamples.usage(500L, 100L, null, 300L));
    private final ProviderReply good = new ProviderReply.Answered(answer, Map.of());
    private final ProviderReply limited =
            new ProviderReply.Answered(
                    MeteringSamples.answer(
                            429,
                            "{\"error\":{\"message\":\"Rate limit reached, try again in 1.78s\",\"type\":\"requests\",\"code\":\"rate_limit_exceeded\"}}",
                            null),
                    Map.of("retry-after-ms", "1780"));
    private final Attempt attempt =
            new Attempt(
                    MeteringSamples.dispatch(1, MeteringSamples.LANE),
                    Duration.ofMillis(812),
                    new Attempt.End.Succeeded(answer));
    private final Conclusion end =
            new Conclusion(request, new Outcome.Succeeded(attempt), List.of(attempt));
    private final ContentPolicy content;
    private final Results results;
    private final EventRecords records;
    private final Envelope envelope;
    private final MeteringEvent meter;

    /** Audits have hashes. */
    public StepBenchmark() {
        AuditSettings audit = new AuditSettings(AuditSettings.Content.HASH, new Secret("key"));
        EventSettings settings =
                new EventSettings(
                        new Origin("default", "w-1", "0.1.0"),
                        TopicsTest.settings("t", true),
                        audit,
                        Decisions.ESCALATED,
                        1 << 24);
        this.content = new ContentPolicy(audit);
        this.results = new Results(settings);
        this.records = new EventRecords(settings, content, InstantSource.system());
        this.envelope = records.envelope(request);
        this.meter = priced(request, attempt);
    }

    @Benchmark
    public DecodedRecord decode() {
        return decoder.decode(line);
    }

    @Benchmark
    public Optional<Classification> classifySuccess() {
        return classifier.classify(good, request, "openai", MeteringSamples.STARTED);
    }

    @Benchmark
    public Optional<Classification> classifyLimit() {
        return classifier.classify(limited, request, "openai", MeteringSamples.STARTED);
    }

    @Benchmark
    public MeteringEvent price() {
        return priced(request, attempt);
    }

    private static MeteringEvent priced(InferenceRequest request, Attempt attempt) {
        return MeteringEvent.ended(request, attempt, AttemptFate.SELECTED, MeteringSamples.PRICES);
    }

    @Benchmark
    public Envelope encodeEnvelope() {
        return records.envelope(request);
    }

    @Benchmark
    public Outbound encodeMeter() {
        return records.meter(envelope, meter);
    }

    @Benchmark
    public Outbound encodeAudit() {
        return records.audit(envelope, AuditEvent.of(request, attempt, content));
    }

    @Benchmark
    public OutboundRecord encodeResult() {
        return records.result(
                envelope,
                results.of(
                        end,
                        Map.of(attempt.id(), meter.reading()),
                        null,
                        MeteringSamples.SUBMITTED.plusSeconds(1)));
    }

    /** The four records of a request that its first call answers, priced and ready to be sent. */
    @Benchmark
    public void records(Blackhole sent) {
        Envelope own = records.envelope(request);
        MeteringEvent announced =
                MeteringEvent.dispatched(request, attempt.dispatch(), MeteringSamples.PRICES);
        sent.consume(records.meter(own, announced).record().forProducer());
        AuditEvent audited = AuditEvent.of(request, attempt, content);
        sent.consume(records.audit(own, audited).record().forProducer());
        MeteringEvent ended = priced(request, attempt);
        sent.consume(records.meter(own, ended).record().forProducer());
        Result result =
                results.of(
                        end,
                        Map.of(attempt.id(), ended.reading()),
                        null,
                        MeteringSamples.SUBMITTED.plusSeconds(1));
        sent.consume(records.result(own, result).forProducer());
    }

    /**
     * Prints nanoseconds and bytes, and writes them to target/bench; checks nothing. Whoever names
     * scenarios wants these alone.
     */
    @Test
    @DisabledIfSystemProperty(named = "bench.scenarios", matches = ".+")
    void run() throws RunnerException, IOException {
        Files.createDirectories(HOME);
        var options =
                JmhOptions.of(StepBenchmark.class)
                        .jvmArgsAppend("-Xmx1g")
                        .resultFormat(ResultFormatType.JSON)
                        .result(HOME.resolve("steps.json").toString());
        ELSEWHERE.forEach(options::include);
        new Runner(options.build()).run();
    }
}
