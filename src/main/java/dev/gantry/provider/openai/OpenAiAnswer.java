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
        BodyFacts facts = new BodyFacts(operation, text);
        if (!wellFormed(facts, text)) {
            facts.readUsageAlone();
            return answer(status, Payload.opaque(body), requestId, facts);
        }
        // After the parse: a raw line break inside a string would have failed it.
        JsonBytes.joinLines(text);
        return answer(status, Payload.json(text), requestId, facts);
    }

    /** Whether a body claims to be what was asked for: such a one is passed on byte for byte. */
    static boolean isGood(Operation operation, Answer answer) {
        if (!answer.body().isJson()) {
            return false;
        }
        BodyFacts facts = new BodyFacts(operation, answer.body().bytes());
        facts.read();
        return facts.isAnswer();
    }

    private static boolean wellFormed(BodyFacts facts, byte[] text) {
        try {
            facts.read();
            return JsonBytes.mayBeJson(text);
        } catch (JacksonException e) {
            return false;
        }
    }

    /** What was read before a break still holds: above all, what has to be paid for. */
    private static Answer answer(
            int status, Payload body, @Nullable String requestId, BodyFacts facts) {
        return new Answer(
                status,
                body,
                requestId,
                Names.id(facts.id()),
                Names.id(facts.model()),
                Names.word(facts.finishReason()),
                Names.word(facts.serviceTier()),
                facts.usage());
    }

    private static @Nullable String requestId(Map<String, String> headers) {
        for (String name : REQUEST_ID_HEADERS) {
            String value = headers.get(name);
            String id = value == null ? null : Names.id(value.strip());
            if (id != null) {
                return id;
            }
        }
        return null;
    }
}
