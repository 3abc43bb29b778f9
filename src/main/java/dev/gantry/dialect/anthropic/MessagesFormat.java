package dev.gantry.dialect.anthropic;

import dev.gantry.dialect.ChatBody;
import dev.gantry.dialect.StreamReader;
import dev.gantry.dialect.StreamUsage;
import dev.gantry.dialect.Translation;
import dev.gantry.dialect.Unsayable;
import dev.gantry.dialect.WireFormat;
import dev.gantry.dialect.WireJson;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Operation;

import java.util.Map;

/** Anthropic's Messages API, version 2023-06-01. */
public final class MessagesFormat implements WireFormat {
    private static final Map<String, String> HEADERS = Map.of("anthropic-version", "2023-06-01");

    @Override
    public Translation request(InferenceRequest request, Attempt.Dispatch dispatch) {
        try {
            ChatBody body = new ChatBody(request.body(), dispatch.adaptation());
            return new Translation.WireRequest(
                    "/messages", WireJson.of(new MessagesRequest(body, dispatch).json()));
        } catch (Unsayable e) {
            return e.refusal();
        }
    }

    @Override
    public Reading answer(
            Operation operation, int status, Map<String, String> headers, byte[] body) {
        return MessagesAnswer.read(status, headers, body);
    }

    @Override
    public StreamReader stream(InferenceRequest request, int status, Map<String, String> headers) {
        return new MessagesStream(StreamUsage.wanted(request.body()), status, headers);
    }

    @Override
    public Map<String, String> headers() {
        return HEADERS;
    }
}
