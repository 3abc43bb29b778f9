package dev.gantry.provider.call;

import dev.gantry.dialect.Translation.Untranslatable;
import dev.gantry.dialect.Translation.WireRequest;
import dev.gantry.dialect.WireFormat;
import dev.gantry.dialect.responses.ResponsesByChat;
import dev.gantry.inference.Answer;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.Cancellation;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Operation;
import dev.gantry.inference.Payload;
import dev.gantry.memory.Hold;
import dev.gantry.provider.DeltaSink;
import dev.gantry.provider.Endpoint;
import dev.gantry.provider.Provider;
import dev.gantry.provider.ProviderReply;
import dev.gantry.provider.ProviderReply.Answered;
import dev.gantry.provider.ProviderReply.Obstacle;
import dev.gantry.provider.ProviderReply.Unreachable;
import dev.gantry.provider.http.AnswerReader;
import dev.gantry.provider.http.BodyTaker;
import dev.gantry.provider.http.HttpLine;
import dev.gantry.provider.http.Outgoing;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;

/** Calls one endpoint in the dialect that is spoken there. */
public final class EndpointProvider implements Provider {
    private final Endpoint endpoint;
    private final WireFormat format;
    private final HttpLine line;
    private final RequestHead head;
    private final Credential credential;
    private final SecretMask secrets;
    private final Unreachable keyless;

    /** Null before the first call. */
    private volatile @Nullable Keyed latest;

    /** What calls with the same key have in common. */
    private static final class Keyed {
        private final @Nullable String key;
        private final String headers;
        private final SecretMask secrets;

        Keyed(@Nullable String key, String headers, SecretMask secrets) {
            this.key = key;
            this.headers = headers;
            this.secrets = secrets;
        }
    }

    public EndpointProvider(Endpoint endpoint, WireFormat format, HttpLine line) {
        this.endpoint = endpoint;
        this.format = format;
        this.line = line;
        this.head = new RequestHead(endpoint, format.headers());
        this.credential = Credential.of(endpoint, System::nanoTime);
        this.secrets = SecretMask.of(endpoint.headers(), endpoint.baseUrl());
        this.keyless =
                new Unreachable(
                        Obstacle.OTHER,
                        "provider " + endpoint.id() + ": no usable api-key, nothing was sent");
    }

    @Override
    public ProviderReply call(
            InferenceRequest request,
            Attempt.Dispatch dispatch,
            Duration timeout,
            Cancellation cancellation,
            Hold hold,
            DeltaSink deltas) {
        Keyed keyed = keyed();
        if (keyed == null) {
            return keyless; // A call without its key would only hand the prompt to a stranger.
        }
        Operation called = dispatch.adaptation().called(request);
        WireFormat spoken = spoken(format, request, dispatch);
        return switch (spoken.request(request, dispatch)) {
            case Untranslatable(String why) ->
                    new ProviderReply.Untranslatable(endpoint.dialect(), why);
            case WireRequest(String path, var body) -> {
                Outgoing outgoing =
                        new Outgoing(
                                head.target(path),
                                head.headers(keyed.headers, dispatch.id(), request.trace()),
                                body);
                AnswerReader reader = new Answers(request, spoken, called, keyed.secrets, deltas);
                yield known(line.post(outgoing, timeout, cancellation, hold, reader));
            }
        };
    }

    /** What a lane of such a format gets the request by. */
    public static WireFormat spoken(
            WireFormat format, InferenceRequest request, Attempt.Dispatch dispatch) {
        return dispatch.adaptation().called(request).equals(request.operation())
                ? format
                : new ResponsesByChat(format, request, dispatch);
    }

    /**
     * Reads what the endpoint says of itself; no call of anybody's.
     *
     * @param target path and query
     * @param atMost of the answer's body, in bytes
     */
    public ProviderReply get(String target, Duration timeout, int atMost, Hold hold) {
        Keyed keyed = keyed();
        if (keyed == null) {
            return keyless;
        }
        AnswerReader reader =
                (status, _, body) ->
                        new Answer(
                                status, Payload.opaque(body), null, null, null, null, null, null);
        return known(line.get(target, keyed.headers, timeout, atMost, hold, reader));
    }

    /** By the key as it is now; null: one is needed, and there is none that can be sent. */
    private @Nullable Keyed keyed() {
        String key = head.needsKey() ? credential.key() : null;
        Keyed known = latest;
        if (known != null && Objects.equals(known.key, key)) {
            return known;
        }
        if (head.needsKey() && (key == null || !RequestHead.printable(key))) {
            return null;
        }
        Keyed next = new Keyed(key, head.headers(key), secrets.with(key));
        latest = next;
        return next;
    }

    private ProviderReply known(ProviderReply reply) {
        if (reply instanceof Answered(var answer, _) && answer.status() == 401) {
            credential.refused();
        }
        return reply;
    }

    /** To one request, in the dialect's form, without secrets. */
    private static final class Answers implements AnswerReader {
        private final InferenceRequest request;
        private final WireFormat spoken;
        private final Operation called;
        private final SecretMask mask;
        private final DeltaSink deltas;

        Answers(
                InferenceRequest request,
                WireFormat spoken,
                Operation called,
                SecretMask mask,
                DeltaSink deltas) {
            this.request = request;
            this.spoken = spoken;
            this.called = called;
            this.mask = mask;
            this.deltas = deltas;
        }

        @Override
        public Answer read(int status, Map<String, String> headers, byte[] body) {
            boolean refused = status / 100 != 2;
            if (refused) {
                mask.blank(body);
            }
            Map<String, String> heard = mask.blank(headers);
            WireFormat.Reading reading = spoken.answer(called, status, heard, body);
            // An error may come under 200; what is a good answer keeps every byte.
            return refused || reading.good() || !mask.blank(body)
                    ? reading.answer()
                    : spoken.answer(called, status, heard, body).answer();
        }

        @Override
        public @Nullable BodyTaker taker(int status, Map<String, String> headers) {
            deltas.head(headers);
            if (!request.streams() || !called.streams() || status / 100 != 2) {
                return null;
            }
            var reply = new StreamedBody.Reply(status, mask.blank(headers));
            return new StreamedBody(spoken, request, reply, mask, deltas);
        }
    }
}
