package dev.gantry.provider.http;

import dev.gantry.inference.Answer;

import org.jspecify.annotations.Nullable;

import java.util.Map;

/** A dialect's way to understand a whole HTTP answer; never throws, whatever the bytes are. */
public interface AnswerReader {
    /**
     * Takes the answer apart.
     *
     * @param body the reader's own from now on
     * @param headers first value per name, names in lower case
     */
    Answer read(int status, Map<String, String> headers, byte[] body);

    /**
     * Who takes the body as it comes. Asked once of each answer, when its head has come.
     *
     * @param headers as above
     * @return null: it is read whole
     */
    default @Nullable BodyTaker taker(int status, Map<String, String> headers) {
        return null;
    }
}
