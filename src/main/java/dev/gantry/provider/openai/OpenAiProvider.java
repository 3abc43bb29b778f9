package dev.gantry.provider.openai;

import dev.gantry.inference.Attempt;
import dev.gantry.inference.Cancellation;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Operation;
import dev.gantry.memory.Hold;
import dev.gantry.provider.Endpoint;
import dev.gantry.provider.Provider;
import dev.gantry.provider.ProviderReply;
import dev.gantry.provider.ProviderReply.Answered;
import dev.gantry.provider.ProviderReply.Obstacle;
import dev.gantry.provider.ProviderReply.Unreachable;
import dev.gantry.provider.http.AnswerReader;
import dev.gantry.provider.http.HttpLine;
import dev.gantry.provider.http.Outgoing;

import java.time.Duration;
import java.util.Map;

/** Chat completions and embeddings of any server that speaks OpenAI's protocol. */
public final class OpenAiProvider implements Provider {
    private final HttpLine line;
    private final RequestHead head;
    private final Credential credential;
    private final SecretMask secrets;
    private final Unreachable keyless;

    public OpenAiProvider(Endpoint endpoint, HttpLine line) {
        this.line = line;
        this.head = new RequestHead(endpoint);
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
            Hold hold) {
        String key = head.needsKey() ? credential.key() : null;
        if (head.needsKey() && (key == null || !RequestHead.printable(key))) {
            return keyless; // A call without its key would only hand the prompt to a stranger.
        }
        Outgoing outgoing =
                new Outgoing(
                        head.target(request.operation()),
                        head.headers(key, dispatch.id(), request.trace()),
                        OutboundBody.of(
                                request.body(), request.operation(), dispatch.adaptation()));
        ProviderReply reply =
                line.post(
                        outgoing,
                        timeout,
                        cancellation,
                        hold,
                        reader(request.operation(), secrets.with(key)));
        if (reply instanceof Answered(var answer, _) && answer.status() == 401) {
            credential.refused();
        }
        return reply;
    }

    private static AnswerReader reader(Operation operation, SecretMask mask) {
        return (status, headers, body) -> {
            boolean refused = status / 100 != 2;
            if (refused) {
                mask.blank(body);
            }
            Map<String, String> heard = mask.blank(headers);
            OpenAiAnswer.Reading reading = OpenAiAnswer.reading(operation, status, heard, body);
            // An error may come under 200; what is a good answer keeps every byte.
            return refused || reading.good() || !mask.blank(body)
                    ? reading.answer()
                    : OpenAiAnswer.read(operation, status, heard, body);
        };
    }
}
