package dev.gantry.metering;

import dev.gantry.inference.Adaptation;
import dev.gantry.inference.Allowance;
import dev.gantry.inference.Answer;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptError;
import dev.gantry.inference.AttemptKind;
import dev.gantry.inference.Capability;
import dev.gantry.inference.Caps;
import dev.gantry.inference.Deadline;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.ModelType;
import dev.gantry.inference.Operation;
import dev.gantry.inference.Payload;
import dev.gantry.inference.RequestBody;
import dev.gantry.inference.RequestId;
import dev.gantry.inference.RequestOptions;
import dev.gantry.inference.SourcePosition;
import dev.gantry.inference.Tier;
import dev.gantry.inference.Trace;
import dev.gantry.inference.Usage;
import dev.gantry.operation.Operations;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One believable request, lane, price list and the attempts that can come of it. */
public final class MeteringSamples {
    public static final Instant SUBMITTED = Instant.parse("2026-11-20T10:00:00.000Z");
    public static final Instant RECEIVED = SUBMITTED.plusMillis(25);
    public static final Instant STARTED = SUBMITTED.plusMillis(40);
    public static final String EXECUTION = "k3v7q2m5x4n6b2c7d5f3g6h4j2";
    public static final LaneId LANE =
            new LaneId(Tier.FRONTIER, "openai", "main", ModelType.INFERENCE, "gpt-5-mini");
    public static final LaneId OTHER_LANE =
            new LaneId(Tier.LOCAL, "vllm", "a", ModelType.INFERENCE, "qwen3:30b");
    public static final PriceList PRICES =
            PriceList.of(
                    Map.of(LANE, price("3", "0.3", "3.75", "15")), "config", "sha256:0123456789ab");

    private static final String MESSAGES = "[{\"role\":\"user\",\"content\":\"Wie weit? 🙂\"}]";

    private MeteringSamples() {}

    public static Price price(
            @Nullable String input,
            @Nullable String cached,
            @Nullable String write,
            @Nullable String output) {
        return Price.of(decimal(input), decimal(cached), decimal(write), decimal(output));
    }

    public static InferenceRequest request() {
        return request(options(RequestOptions.Sensitivity.NONE), body(MESSAGES, null));
    }

    public static InferenceRequest request(RequestOptions options) {
        return request(options, body(MESSAGES, null));
    }

    static InferenceRequest request(Operation operation) {
        return request(operation, options(RequestOptions.Sensitivity.NONE), body(MESSAGES, null));
    }

    public static InferenceRequest request(RequestOptions options, RequestBody body) {
        return request(Operations.CHAT, options, body);
    }

    private static InferenceRequest request(
            Operation operation, RequestOptions options, RequestBody body) {
        return new InferenceRequest(
                RequestId.of("nightly", "job-17"),
                "job-17",
                "nightly",
                new SourcePosition("gantry.requests", 3, 41, SUBMITTED.toEpochMilli()),
                EXECUTION,
                operation,
                body,
                options,
                new Deadline(SUBMITTED.plus(Duration.ofHours(24))),
                new Trace("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", null),
                RECEIVED);
    }

    public static RequestOptions options(RequestOptions.Sensitivity sensitivity) {
        return new RequestOptions(
                "c-9",
                "s-4",
                Map.of("identity", "user:jo"),
                Map.of("customer", "acme"),
                Map.of("job", "nightly"),
                "normal",
                sensitivity,
                null,
                RequestOptions.Preference.NONE,
                RequestOptions.RoutingConstraints.NONE,
                RequestOptions.Intent.NONE,
                Caps.NONE,
                Allowance.ALL);
    }

    /** A body with these messages; its record's bytes begin with something else. */
    public static RequestBody body(String messages, @Nullable String serviceTier) {
        String prefix = "{\"custom_id\":\"job-17\",\"body\":";
        String body = "{\"model\":\"small\",\"messages\":" + messages + "}";
        byte[] bytes = (prefix + body + "}").getBytes(StandardCharsets.UTF_8);
        int start = prefix.length();
        int name = start + "{\"model\":\"small\",".length();
        int value = name + "\"messages\":".length();
        return new RequestBody(
                bytes,
                start,
                bytes.length - 1,
                List.of(new RequestBody.Member("messages", name, value, bytes.length - 2)),
                new RequestBody.Facts(
                        "small", Set.of(Capability.TOOLS), 12, false, 800L, 1, serviceTier));
    }

    public static Attempt.Dispatch dispatch(int number, LaneId lane) {
        return dispatch(number, lane, 800L);
    }

    public static Attempt.Dispatch dispatch(
            int number, LaneId lane, @Nullable Long projectedOutput) {
        return new Attempt.Dispatch(
                request().attempt(number),
                number == 1 ? AttemptKind.PRIMARY : AttemptKind.FAILOVER,
                lane,
                new Adaptation(lane.model(), null, List.of()),
                number == 1 ? "first_choice" : "failover",
                STARTED,
                STARTED.plusSeconds(30),
                12L,
                projectedOutput,
                null,
                null);
    }

    public static Usage usage(
            @Nullable Long input,
            @Nullable Long read,
            @Nullable Long write,
            @Nullable Long output) {
        return new Usage(input, read, write, output, null, Map.of(), null);
    }

    public static Answer answer(int status, String body, @Nullable Usage usage) {
        return new Answer(
                status,
                Payload.json(body.getBytes(StandardCharsets.UTF_8)),
                "req_p1",
                "chatcmpl-1",
                "gpt-5-mini-2025-08-07",
                status == 200 ? "stop" : null,
                null,
                usage);
    }

    public static Attempt succeeded(int number, LaneId lane, @Nullable Usage usage) {
        String body = "{\"id\":\"chatcmpl-1\",\"n\":1.50,\"text\":\"Weit. 🙂\"}";
        return new Attempt(
                dispatch(number, lane),
                Duration.ofMillis(812),
                new Attempt.End.Succeeded(answer(200, body, usage)));
    }

    public static Attempt failed(int number, LaneId lane, Answer answer, ErrorKind kind) {
        return new Attempt(
                dispatch(number, lane),
                Duration.ofMillis(90),
                new Attempt.End.Failed(error(kind, true), answer));
    }

    /** No answer came. */
    public static Attempt lost(int number, LaneId lane, AttemptError error) {
        return new Attempt(
                dispatch(number, lane), Duration.ofMillis(90), new Attempt.End.Failed(error, null));
    }

    public static AttemptError error(ErrorKind kind, boolean submitted) {
        return new AttemptError(
                kind,
                "no: " + kind.label(),
                "HTTP, rule status: " + kind.label(),
                "some_code",
                Duration.ofMillis(1780),
                submitted,
                false);
    }

    /** The most that a reading may cost. */
    static @Nullable String bound(MeterReading reading) {
        return Money.textIfKnown(reading.bill().cost().upperBound());
    }

    /** What a reading bills: kind, quantity and amount. */
    static List<String> lines(MeterReading reading) {
        return reading.bill().lines().stream()
                .map(
                        line ->
                                line.kind()
                                        + " "
                                        + line.quantity()
                                        + " "
                                        + Money.textIfKnown(line.amount()))
                .toList();
    }

    private static @Nullable BigDecimal decimal(@Nullable String text) {
        return text == null ? null : new BigDecimal(text);
    }
}
