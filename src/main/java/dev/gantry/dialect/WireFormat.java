package dev.gantry.dialect;

import dev.gantry.inference.Answer;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Operation;

import java.util.Map;

/** A dialect as two pure functions. Neither throws, whatever a caller or a server has written. */
public interface WireFormat {
    /** What is sent for a request in OpenAI's form, changed as the dispatch's lane needs it. */
    Translation request(InferenceRequest request, Attempt.Dispatch dispatch);

    /**
     * Takes a whole HTTP answer apart.
     *
     * @param headers first value per name, names in lower case
     * @param body the reader's own from now on
     */
    Reading answer(Operation operation, int status, Map<String, String> headers, byte[] body);

    /**
     * Reads a streamed answer of a request that asked for one.
     *
     * @param status a success; other answers, and those that are no {@link EventStream}, are read
     *     whole
     * @param headers as of {@link #answer}
     */
    default StreamReader stream(InferenceRequest request, int status, Map<String, String> headers) {
        return new UnstreamedReader(this, request.operation(), status, headers);
    }

    /** Headers of every call, unless the configuration sets them; names in lower case. */
    default Map<String, String> headers() {
        return Map.of();
    }

    /**
     * What was made of an answer.
     *
     * @param good whether the body claims to be what was asked for: such a one is passed on as it
     *     is
     */
    record Reading(Answer answer, boolean good) {}
}
