package dev.gantry.provider;

import dev.gantry.inference.Answer;
import dev.gantry.inference.Dialect;

import java.time.Duration;
import java.util.Map;

/** What a call came to. What the world may do is a value here, not an exception. */
public sealed interface ProviderReply {
    /**
     * A whole HTTP answer, of any status.
     *
     * @param headers first value per name, names in lower case
     */
    record Answered(Answer answer, Map<String, String> headers) implements ProviderReply {
        public Answered {
            headers = Map.copyOf(headers);
        }
    }

    /** No connection: nothing was sent and nothing can have been billed. */
    record Unreachable(Obstacle obstacle, String message) implements ProviderReply {}

    /**
     * The connection ended after bytes were sent and before the whole answer was read.
     *
     * @param reused whether the connection had carried a call before
     * @param answerBegun whether any byte of an answer came
     * @param sinceWritten from the first byte written to the loss
     */
    record Cut(boolean reused, boolean answerBegun, Duration sinceWritten, String message)
            implements ProviderReply {}

    /** The attempt's own time ran out. */
    record TimedOut(Duration after, boolean submitted) implements ProviderReply {}

    /** The answer had begun, and then nothing more of it came. */
    record Stalled(Duration silence) implements ProviderReply {}

    /** The answer exceeds max-response-size and was not read to its end. */
    record TooLarge(int status, long limitBytes) implements ProviderReply {}

    /**
     * An answer that was not read since nobody here can decode it.
     *
     * @param coding the content coding, as the server names it
     */
    record Undecodable(int status, String coding) implements ProviderReply {}

    /**
     * The request cannot be said in the lane's dialect: nothing was sent.
     *
     * @param why names the member and what is allowed; no word of the caller's
     */
    record Untranslatable(Dialect dialect, String why) implements ProviderReply {}

    /** We gave the call up. */
    record Cancelled(boolean submitted) implements ProviderReply {}

    /** Why no connection came about. */
    enum Obstacle {
        REFUSED,
        UNKNOWN_HOST,
        TLS,
        CONNECT_TIMEOUT,
        OTHER
    }
}
