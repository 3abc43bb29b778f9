package dev.gantry.dialect.openai;

import dev.gantry.dialect.StreamReader;
import dev.gantry.dialect.Translation;
import dev.gantry.dialect.WireFormat;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Operation;

import java.util.Map;

/** OpenAI's own protocol, in which requests are written: bodies go through byte for byte. */
public final class OpenAiFormat implements WireFormat {
    @Override
    public Translation request(InferenceRequest request, Attempt.Dispatch dispatch) {
        return new Translation.WireRequest(
                request.operation().path(),
                OutboundBody.of(request.body(), request.operation(), dispatch.adaptation()));
    }

    @Override
    public Reading answer(
            Operation operation, int status, Map<String, String> headers, byte[] body) {
        return OpenAiAnswer.reading(operation, status, headers, body);
    }

    @Override
    public StreamReader stream(InferenceRequest request, int status, Map<String, String> headers) {
        return new OpenAiStream(request, status, headers);
    }
}
