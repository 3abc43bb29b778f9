package dev.gantry.classification;

import dev.gantry.inference.Answer;
import dev.gantry.inference.FinishReason;
import dev.gantry.inference.Operation;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.json.JsonMapper;

/** Whether a 2xx answer is one: a success may carry an error, or nothing. */
final class WholeAnswer {
    private static final int SCAN_LIMIT = 64 * 1024;
    private static final JsonMapper JSON = JsonMapper.shared();

    private final String evidence;
    private boolean error;
    private boolean found;

    private WholeAnswer(Operation operation) {
        evidence = operation.evidence();
    }

    /** Looks at top-level members only, and no further than 64 KiB. */
    static boolean in(Answer answer, Operation operation) {
        if (!answer.body().isJson()) {
            return false;
        }
        var scan = new WholeAnswer(operation);
        // A response that thought up to its limit holds nothing else.
        scan.found = FinishReason.of(answer.finishReason()) == FinishReason.CUT;
        int length = Math.min(answer.body().size(), SCAN_LIMIT);
        try (JsonParser parser = JSON.createParser(answer.body().bytes(), 0, length)) {
            scan.members(parser);
        } catch (JacksonException e) {
            // The payload is well-formed, so this is the cut at the limit: what was seen decides.
            scan.found |= answer.finishReason() != null || answer.usage() != null;
        }
        return scan.found && !scan.error;
    }

    private void members(JsonParser parser) {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            return;
        }
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            error |= name.equals("error") && value != JsonToken.VALUE_NULL;
            if (name.equals(evidence) && value == JsonToken.START_ARRAY) {
                elements(parser);
            } else {
                parser.skipChildren();
            }
        }
    }

    private void elements(JsonParser parser) {
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            found = true;
            parser.skipChildren();
        }
    }
}
