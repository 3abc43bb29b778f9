package dev.gantry.dialect.gemini;

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

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Google's Gemini API, methods generateContent and streamGenerateContent. */
public final class GeminiFormat implements WireFormat {
    @Override
    public Translation request(InferenceRequest request, Attempt.Dispatch dispatch) {
        try {
            String model = dispatch.adaptation().model();
            ChatBody body = new ChatBody(request.body(), dispatch.adaptation());
            String method =
                    body.flag("stream", false)
                            ? ":streamGenerateContent?alt=sse"
                            : ":generateContent";
            return new Translation.WireRequest(
                    "/" + inPath(model) + method,
                    WireJson.of(new GeminiRequest(body, dispatch.adaptation()).json()));
        } catch (Unsayable e) {
            return e.refusal();
        }
    }

    /** Google itself lists a model as {@code models/<id>}, and a tuned one elsewhere. */
    private static String inPath(String model) {
        boolean whole = model.startsWith("models/") || model.startsWith("tunedModels/");
        return URLEncoder.encode(whole ? model : "models/" + model, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("%2F", "/");
    }

    @Override
    public Reading answer(
            Operation operation, int status, Map<String, String> headers, byte[] body) {
        return GeminiAnswer.read(status, headers, body);
    }

    @Override
    public StreamReader stream(InferenceRequest request, int status, Map<String, String> headers) {
        return new GeminiStream(StreamUsage.wanted(request.body()), status, headers);
    }
}
