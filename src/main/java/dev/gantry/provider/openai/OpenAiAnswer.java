package dev.gantry.provider.openai;

import dev.gantry.inference.Answer;
import dev.gantry.inference.Operation;
import dev.gantry.inference.Payload;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;

import java.util.List;
import java.util.Map;

/** Reads a whole HTTP answer: is it JSON, and what does it say about itself. */
final class OpenAiAnswer {
    /** In order of trust; the first that is there names the call. */
    private static final List<String> REQUEST_ID_HEADERS =
            List.of(
                    "x-request-id",
                    "request-id",
                    "apim-request-id",
                    "x-amzn-requestid",
                    "x-amzn-request-id",
                    "x-ms-request-id",
                    "x-goog-request-id");

    /** Names longer than this are no names. */
    static final int LONGEST_NAME = 512;

    private OpenAiAnswer() {}

    /**
     * Never throws, whatever the bytes are.
     *
     * @param body the reader's own: line breaks in it are overwritten
     */
    static Answer read(Operation operation, int status, Map<String, String> headers, byte[] body) {
        String requestId = requestId(headers);
        byte[] text = JsonBytes.withoutMark(body);
        if (!JsonBytes.mayBeJson(text)) {
            return opaque(status, body, requestId);
        }
        BodyFacts facts = new BodyFacts(operation, text);
        try {
            facts.read();
        } catch (JacksonException e) {
            return opaque(status, body, requestId);
        }
        // After the parse: a raw line break inside a string would have failed it.
        JsonBytes.joinLines(text);
        return new Answer(
                status,
                Payload.json(text),
                requestId,
                facts.id(),
                facts.model(),
                facts.finishReason(),
                facts.serviceTier(),
                facts.usage());
    }

    private static Answer opaque(int status, byte[] body, @Nullable String requestId) {
        return new Answer(status, Payload.opaque(body), requestId, null, null, null, null, null);
    }

    private static @Nullable String requestId(Map<String, String> headers) {
        for (String name : REQUEST_ID_HEADERS) {
            String value = headers.get(name);
            if (value != null && !value.isBlank() && value.length() <= LONGEST_NAME) {
                return value.strip();
            }
        }
        return null;
    }
}
