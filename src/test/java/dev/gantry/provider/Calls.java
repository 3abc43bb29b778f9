package dev.gantry.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.Adaptation;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptId;
import dev.gantry.inference.AttemptKind;
import dev.gantry.inference.Cancellation;
import dev.gantry.inference.Deadline;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.ModelType;
import dev.gantry.inference.Operation;
import dev.gantry.inference.RequestBody;
import dev.gantry.inference.RequestId;
import dev.gantry.inference.RequestOptions;
import dev.gantry.inference.SourcePosition;
import dev.gantry.inference.Tier;
import dev.gantry.inference.Trace;
import dev.gantry.memory.ByteBudget;
import dev.gantry.memory.Hold;
import dev.gantry.operation.Operations;
import dev.gantry.provider.ProviderReply.TimedOut;

import org.springframework.util.unit.DataSize;

import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a provider call needs, at its plainest. */
public final class Calls {
    public static final Duration LONG = Duration.ofMinutes(1);

    /** Enough for a call on a machine that is not busy. */
    static final Duration SHORT = Duration.ofMillis(250);

    public static final AttemptId ATTEMPT = new AttemptId("abcdefghijklmnopqrstuvwxyz", 1);
    static final String BODY = "{\"model\":\"small\",\"messages\":[]}";

    public static final Attempt.Dispatch DISPATCH =
            new Attempt.Dispatch(
                    ATTEMPT,
                    AttemptKind.PRIMARY,
                    new LaneId(Tier.DIRECT, "sim", "main", ModelType.INFERENCE, "small"),
                    new Adaptation("small", null, List.of()),
                    "weight",
                    Instant.EPOCH,
                    Instant.EPOCH,
                    1L,
                    null,
                    null,
                    null);
    private static final RequestBody.Facts FACTS =
            new RequestBody.Facts("small", Set.of(), 1, false, null, 1, null);

    private Calls() {}

    static OneEndpoint providers(Endpoint endpoint) {
        return providers(DataSize.ofMegabytes(1), endpoint);
    }

    static OneEndpoint providers(DataSize limit, Endpoint endpoint) {
        return new OneEndpoint(all(limit, List.of(endpoint)), endpoint);
    }

    public static Providers all(DataSize limit, List<Endpoint> endpoints) {
        return new Providers(
                endpoints,
                new TransportSettings(limit),
                name -> {
                    throw new IllegalArgumentException("no bundle " + name);
                });
    }

    /** One plain call to the one endpoint of these tests. */
    static ProviderReply call(Provider provider) {
        return call(provider, LONG, new Cancellation());
    }

    static ProviderReply call(Provider provider, Duration timeout, Cancellation cancellation) {
        return call(provider, timeout, cancellation, hold());
    }

    static ProviderReply call(
            Provider provider, Duration timeout, Cancellation cancellation, Hold hold) {
        return provider.call(
                request(Operations.CHAT, BODY, Trace.NONE),
                DISPATCH,
                timeout,
                cancellation,
                hold,
                DeltaSink.NONE);
    }

    /** A call with a time limit. */
    interface Limited {
        ProviderReply within(Duration limit) throws Exception;
    }

    /**
     * That a call's time runs out behind its sending: with twice the time, and so on, where a busy
     * machine has not sent it.
     */
    static void assertTimesOutSent(Duration first, Limited call) throws Exception {
        Duration limit = first;
        ProviderReply reply = call.within(limit);
        while (reply.equals(new TimedOut(limit, false))) {
            limit = limit.multipliedBy(2);
            reply = call.within(limit);
        }
        assertThat(reply).isEqualTo(new TimedOut(limit, true));
    }

    /** The reply to a call that a server answers so, byte for byte. */
    static ProviderReply replyTo(String raw) throws IOException {
        return replyTo(raw, DataSize.ofMegabytes(1), Map.of());
    }

    static ProviderReply replyTo(String raw, DataSize limit, Map<String, String> headers)
            throws IOException {
        try (ScriptedServer server =
                        new ScriptedServer(
                                wire -> {
                                    wire.read();
                                    wire.send(raw);
                                });
                OneEndpoint providers =
                        providers(limit, new EndpointDraft(server).headers(headers).build())) {
            return call(providers);
        }
    }

    /** Of a memory without bound. */
    public static Hold hold() {
        return ByteBudget.boundless().hold();
    }

    public static InferenceRequest request(Operation operation, String json, Trace trace) {
        return new InferenceRequest(
                new RequestId("job-1"),
                "job-1",
                null,
                new SourcePosition("requests", 0, 0, 0),
                ATTEMPT.execution(),
                operation,
                body(json),
                RequestOptions.NONE,
                new Deadline(Instant.MAX),
                trace,
                Instant.EPOCH);
    }

    /** A body in the middle of a larger array, as it stands in a record. */
    public static RequestBody body(String json) {
        String before = "{\"custom_id\":\"job-1\",\"body\":";
        byte[] bytes = (before + json + "}").getBytes(StandardCharsets.UTF_8);
        int start = before.length();
        int end = bytes.length - 1;
        return new RequestBody(bytes, start, end, members(bytes, start, end), FACTS);
    }

    private static List<RequestBody.Member> members(byte[] bytes, int start, int end) {
        List<RequestBody.Member> members = new ArrayList<>();
        try (JsonParser json =
                new JsonFactory()
                        .createParser(ObjectReadContext.empty(), bytes, start, end - start)) {
            json.nextToken();
            while (json.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = json.currentName();
                int nameStart = (int) json.currentTokenLocation().getByteOffset();
                json.nextToken();
                int valueStart = (int) json.currentTokenLocation().getByteOffset();
                json.skipChildren();
                json.finishToken();
                int valueEnd = (int) json.currentLocation().getByteOffset();
                members.add(
                        new RequestBody.Member(
                                name, start + nameStart, start + valueStart, start + valueEnd));
            }
        }
        return members;
    }
}
