package dev.gantry.dialect;

import dev.gantry.dialect.anthropic.MessagesFormat;
import dev.gantry.dialect.gemini.GeminiFormat;
import dev.gantry.dialect.openai.OpenAiFormat;
import dev.gantry.dialect.responses.ResponsesByChat;
import dev.gantry.inference.Adaptation;
import dev.gantry.inference.Adaptation.OutputLimit;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptId;
import dev.gantry.inference.AttemptKind;
import dev.gantry.inference.Dialect;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.ModelType;
import dev.gantry.inference.Operation;
import dev.gantry.inference.Tier;
import dev.gantry.operation.Operations;
import dev.gantry.request.DecodedRecord;
import dev.gantry.request.RequestDecoder;
import dev.gantry.request.RequestLimits;

import org.apache.kafka.clients.consumer.ConsumerRecord;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Chat requests as they are taken from a topic, and what is sent for them. */
public final class Chats {
    private static final RequestDecoder DECODER =
            new RequestDecoder(
                    new RequestLimits(16 << 20, Duration.ofHours(1)), () -> Instant.EPOCH);

    private Chats() {}

    public static InferenceRequest request(String body) {
        return request(Operations.CHAT, body);
    }

    public static InferenceRequest request(Operation operation, String body) {
        return switch (decoded(operation, body)) {
            case DecodedRecord.Valid(var request) -> request;
            case DecodedRecord.Invalid invalid -> throw new AssertionError(invalid.message());
        };
    }

    static DecodedRecord decoded(Operation operation, String body) {
        String line =
                "{\"custom_id\":\"job-1\",\"url\":\""
                        + operation.url()
                        + "\",\"body\":"
                        + body
                        + "}";
        var record =
                new ConsumerRecord<byte[], byte[]>(
                        "requests", 0, 0, null, line.getBytes(StandardCharsets.UTF_8));
        return DECODER.decode(record);
    }

    static WireFormat format(Dialect dialect) {
        return switch (dialect) {
            case OPENAI -> new OpenAiFormat();
            case ANTHROPIC -> new MessagesFormat();
            case GEMINI -> new GeminiFormat();
        };
    }

    /** In which a lane of that dialect is spoken to: of the Responses API it knows nothing. */
    static WireFormat format(InferenceRequest request, Attempt.Dispatch dispatch, Dialect dialect) {
        return request.operation().equals(Operations.RESPONSES)
                ? new ResponsesByChat(format(dialect), request, dispatch)
                : format(dialect);
    }

    /** To a lane of this model, which puts out 4,096 tokens at most. */
    public static Attempt.Dispatch dispatch(
            InferenceRequest request, Dialect dialect, String model) {
        Long asked = request.body().facts().requestedOutputTokens();
        return new Attempt.Dispatch(
                new AttemptId("abcdefghijklmnopqrstuvwxyz", 1),
                AttemptKind.PRIMARY,
                new LaneId(Tier.CLOUD, "p", "main", ModelType.INFERENCE, model),
                new Adaptation(
                        request.operation().equals(Operations.RESPONSES) ? Operations.CHAT : null,
                        model,
                        asked == null ? null : new OutputLimit("max_tokens", asked),
                        DialectGaps.dropped(dialect, Operations.CHAT, request),
                        Map.of(),
                        List.of()),
                "weight",
                Instant.EPOCH,
                Instant.EPOCH,
                1L,
                4096L,
                null,
                null);
    }

    /** What is sent; a text where nothing is, for a reason that it says. */
    public static JsonNode sent(Translation translation) {
        return switch (translation) {
            case Translation.Untranslatable(String why) ->
                    JsonMapper.shared().getNodeFactory().stringNode(why);
            case Translation.WireRequest(_, var body) -> JsonMapper.shared().readTree(bytes(body));
        };
    }

    private static byte[] bytes(Translation.Body body) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            body.writeTo(bytes);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        if (bytes.size() != body.length()) {
            throw new AssertionError(body + " has another length: " + bytes.size());
        }
        return bytes.toByteArray();
    }
}
