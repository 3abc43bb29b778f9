package dev.gantry.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.audit.AuditSettings;
import dev.gantry.delivery.Delivery;
import dev.gantry.delivery.Outbox;
import dev.gantry.inference.Answer;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptFate;
import dev.gantry.inference.AttemptId;
import dev.gantry.inference.CircuitCause;
import dev.gantry.inference.CircuitKey;
import dev.gantry.inference.CircuitTransition;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.OperatorAct;
import dev.gantry.inference.Outcome;
import dev.gantry.inference.RaceEvent;
import dev.gantry.inference.Rejection;
import dev.gantry.inference.RoutingPolicy;
import dev.gantry.inference.SourcePosition;
import dev.gantry.inference.SourceRecord;
import dev.gantry.inference.StateLabel;
import dev.gantry.inference.Usage;
import dev.gantry.metering.MeterReading;
import dev.gantry.metering.MeteringSamples;
import dev.gantry.outbox.PendingAcks;
import dev.gantry.secret.Secret;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Every kind of record, byte for byte, as it was when its file was kept: what readers have built
 * on. {@code -Dgolden=write} writes the files anew.
 */
class GoldenRecordsTest {
    private static final Path FOLDER = Path.of("src/test/resources/golden");
    private static final Map<String, Consumer<Outbox>> STORIES = stories();

    private final Outbox outbox = new Outbox();

    @AfterEach
    void close() {
        outbox.close();
    }

    static Stream<String> names() {
        return STORIES.keySet().stream();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("names")
    void recordsAreWhatTheyWere(String story) throws IOException {
        Path file = FOLDER.resolve(story + ".txt");

        STORIES.getOrDefault(story, _ -> {}).accept(outbox);

        String now = text(outbox.history());
        if ("write".equals(System.getProperty("golden"))) {
            Files.createDirectories(FOLDER);
            Files.writeString(file, now);
        }
        assertThat(now).isEqualTo(Files.readString(file));
    }

    @Test
    void everyTypeHasAGolden() throws IOException {
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.list(FOLDER)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                all.append(Files.readString(file));
            }
        }

        assertThat(all)
                .contains(
                        "dev.gantry.request.completed.v1",
                        "dev.gantry.attempt.metered.v1",
                        "dev.gantry.attempt.audited.v1",
                        "dev.gantry.request.audited.v1",
                        "dev.gantry.operator.acted.v1",
                        "dev.gantry.routing.decision.v1",
                        "dev.gantry.routing.attempt.v1",
                        "dev.gantry.routing.waiting.v1",
                        "dev.gantry.routing.exhausted.v1",
                        "dev.gantry.routing.circuit.v1",
                        "dev.gantry.routing.race_started.v1",
                        "dev.gantry.routing.race_won.v1",
                        "dev.gantry.routing.race_lost.v1",
                        "gantry-error-code");
    }

    private static Map<String, Consumer<Outbox>> stories() {
        Map<String, Consumer<Outbox>> stories = new TreeMap<>();
        stories.put("dispatched", GoldenRecordsTest::dispatched);
        stories.put("succeeded", GoldenRecordsTest::succeeded);
        stories.put("escalated", GoldenRecordsTest::escalated);
        stories.put("exhausted", GoldenRecordsTest::exhausted);
        stories.put("refused", GoldenRecordsTest::refused);
        stories.put("hashed", GoldenRecordsTest::hashed);
        stories.put("invalid", GoldenRecordsTest::invalid);
        stories.put("lanes", GoldenRecordsTest::lanes);
        stories.put("raced", GoldenRecordsTest::raced);
        return stories;
    }

    private static void dispatched(Outbox outbox) {
        Delivery delivery = outbox.delivery(Decisions.ALL);
        PendingAcks acks = delivery.open(outbox.request(), () -> {});
        delivery.dispatching(
                outbox.request(),
                MeteringSamples.dispatch(1, MeteringSamples.LANE),
                MeteringSamples.PRICES,
                acks,
                () -> {});
    }

    private static void succeeded(Outbox outbox) {
        Usage usage =
                new Usage(
                        160L,
                        100L,
                        50L,
                        10L,
                        3L,
                        Map.of("web_search", 0L),
                        "{\"prompt_tokens\":160}");
        Attempt attempt = MeteringSamples.succeeded(1, MeteringSamples.LANE, usage);
        outbox.run(outbox.delivery(Decisions.ALL), new Outcome.Succeeded(attempt), attempt);
    }

    /** A refusal, a call that never went out, a stream cut short, a lost one, an answer. */
    private static void escalated(Outbox outbox) {
        Attempt cut =
                MeteringSamples.failed(
                        3,
                        MeteringSamples.LANE,
                        MeteringSamples.answer(
                                200, "\"half\"", MeteringSamples.usage(100L, null, null, 4L)),
                        ErrorKind.NETWORK);
        Attempt unsent =
                MeteringSamples.lost(
                        2, MeteringSamples.LANE, MeteringSamples.error(ErrorKind.NETWORK, false));
        Attempt late =
                MeteringSamples.lost(
                        4, MeteringSamples.LANE, MeteringSamples.error(ErrorKind.TIMEOUT, true));
        outbox.run(
                outbox.delivery(Decisions.ESCALATED),
                new Outcome.Succeeded(Outbox.answered(5)),
                Outbox.throttled(1),
                unsent,
                cut,
                late,
                Outbox.answered(5));
    }

    private static void exhausted(Outbox outbox) {
        outbox.run(
                outbox.delivery(Decisions.ESCALATED),
                new Outcome.Failed(FailureCode.ESCALATION_EXHAUSTED, "no lane answered: a: auth"),
                Outbox.throttled(1));
    }

    private static void refused(Outbox outbox) {
        Answer answer =
                MeteringSamples.answer(
                        400,
                        "{\"error\":{\"message\":\"no\"}}",
                        MeteringSamples.usage(9L, null, null, 0L));
        Attempt attempt =
                MeteringSamples.failed(1, MeteringSamples.LANE, answer, ErrorKind.CONTENT_POLICY);
        outbox.run(outbox.delivery(Decisions.NONE), new Outcome.Refused(attempt), attempt);
    }

    private static void hashed(Outbox outbox) {
        EventSettings plain = Outbox.settings(Decisions.NONE, AuditSettings.Content.HASH);
        EventSettings keyed =
                new EventSettings(
                        plain.origin(),
                        plain.topics(),
                        new AuditSettings(AuditSettings.Content.HASH, new Secret("a key")),
                        plain.decisions(),
                        plain.maxResultSize());
        Attempt attempt = Outbox.answered(1);
        outbox.run(outbox.delivery(keyed), new Outcome.Succeeded(attempt), attempt);
    }

    private static void invalid(Outbox outbox) {
        SourceRecord record =
                new SourceRecord(
                        new SourcePosition("gantry.requests", 3, 41, 1_795_000_000_000L),
                        "k".getBytes(StandardCharsets.UTF_8),
                        "{\"custom_id\":\"job-17\"}".getBytes(StandardCharsets.UTF_8),
                        List.of());
        outbox.delivery(Decisions.NONE)
                .deadLetter(
                        new Rejection(
                                record,
                                FailureCode.INVALID_REQUEST,
                                "body: missing",
                                "job-17",
                                null),
                        () -> {});
    }

    private static void lanes(Outbox outbox) {
        Instant at = MeteringSamples.STARTED;
        Delivery delivery = outbox.delivery(Decisions.NONE);
        delivery.waiting(
                outbox.request(),
                null,
                "every lane is benched",
                at.plusSeconds(30),
                delivery.open(outbox.request(), () -> {}));
        CircuitTransition tripped =
                new CircuitTransition(
                        CircuitKey.parse("openai:main:inference:gpt-5-mini"),
                        StateLabel.CLOSED,
                        StateLabel.OPEN,
                        at,
                        at.plusSeconds(30),
                        new CircuitCause(ErrorKind.RATE_LIMIT, "429 three times", "w-1"));
        delivery.circuitChanged(tripped);
        CircuitTransition denied =
                new CircuitTransition(
                        CircuitKey.parse("openai:main"),
                        StateLabel.OPEN,
                        StateLabel.DENIED,
                        at,
                        null,
                        new CircuitCause(null, "key sk-abcdefghijkl leaked", "ops:jo"));
        delivery.circuitChanged(denied);
        delivery.operatorActed(
                new OperatorAct(
                        "act-1",
                        at,
                        "ops:jo",
                        "openai:*",
                        "open",
                        Duration.ofMinutes(5),
                        "maintenance",
                        List.of(tripped, denied)),
                () -> {});
    }

    /** The second call answers, the first is cancelled; and a race that nobody wins. */
    private static void raced(Outbox outbox) {
        Delivery delivery = outbox.delivery(Decisions.NONE);
        InferenceRequest request = outbox.request();
        PendingAcks acks = delivery.open(request, () -> {});
        var slow = new RoutingPolicy.Step("quick", "slow", "acme.routing");
        var mini = new RoutingPolicy.Step("quick", "mini", "acme.routing");
        var primary = new RaceEvent.Runner(request.attempt(1), MeteringSamples.OTHER_LANE, slow);
        var backup = new RaceEvent.Runner(request.attempt(2), MeteringSamples.LANE, mini);
        var pair = new RaceEvent.Pair(primary, backup, Duration.ofMillis(500));
        Attempt winner = Outbox.answered(2);
        Attempt loser =
                MeteringSamples.lost(
                        1,
                        MeteringSamples.OTHER_LANE,
                        MeteringSamples.error(ErrorKind.CANCELLED, true));

        delivery.raced(request, new RaceEvent.Started(pair), acks);
        Map<AttemptId, MeterReading> readings =
                Map.of(
                        loser.id(),
                        delivery.attemptEnded(
                                request,
                                loser,
                                AttemptFate.RACE_LOST,
                                MeteringSamples.PRICES,
                                acks),
                        winner.id(),
                        delivery.attemptEnded(
                                request,
                                winner,
                                AttemptFate.SELECTED,
                                MeteringSamples.PRICES,
                                acks));
        delivery.raced(request, new RaceEvent.Won(pair, backup), acks);
        delivery.raced(
                request,
                new RaceEvent.Lost(pair, backup, RaceEvent.Reason.BACKUP_FINISHED_FIRST),
                acks);
        delivery.conclude(
                new Conclusion(request, new Outcome.Succeeded(winner), List.of(loser, winner)),
                readings,
                Outbox.summary(Outbox.ROUTE),
                MeteringSamples.PRICES,
                acks);
        delivery.raced(
                request,
                new RaceEvent.Lost(pair, null, RaceEvent.Reason.BOTH_FAILED),
                delivery.open(request, () -> {}));
    }

    private static String text(List<ProducerRecord<byte[], byte[]>> records) {
        StringBuilder text = new StringBuilder();
        for (ProducerRecord<byte[], byte[]> each : records) {
            text.append("topic: ").append(each.topic()).append('\n');
            text.append("key: ").append(Outbox.text(each.key())).append('\n');
            each.headers()
                    .forEach(
                            header ->
                                    text.append(header.key())
                                            .append(": ")
                                            .append(Outbox.text(header.value()))
                                            .append('\n'));
            text.append(Outbox.text(each.value())).append("\n\n");
        }
        return text.toString();
    }
}
