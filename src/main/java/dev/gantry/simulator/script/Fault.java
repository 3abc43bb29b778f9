package dev.gantry.simulator.script;

import java.time.Duration;
import java.util.Map;

/** One way in which a call can go wrong. */
public sealed interface Fault {
    /**
     * An error answer.
     *
     * @param retryAfter what a rate_limit or overloaded answer advises
     * @param after how long the provider takes to refuse
     */
    record Refuse(Refusal refusal, ProviderStyle style, Duration retryAfter, Latency after)
            implements Fault {
        public Refuse {
            if (retryAfter.isNegative()) {
                throw new IllegalArgumentException(
                        "retry_after: %s is negative".formatted(retryAfter));
            }
        }
    }

    /**
     * Answers 400 where the request has a member that the model lacks, or an output limit above its
     * ceiling, one thing at a time; any other request is answered well.
     *
     * @param members what the model lacks, and the name that it has instead; empty: none
     * @param ceiling the largest output limit, in tokens
     */
    record RefuseMembers(Map<String, String> members, int ceiling) implements Fault {
        public RefuseMembers {
            members = Map.copyOf(members);
            if (ceiling < 1) {
                throw new IllegalArgumentException(
                        "max_output_tokens: %d is less than 1".formatted(ceiling));
            }
        }
    }

    /** Reads the request and never answers. */
    record Hang(boolean billed) implements Fault {}

    /** Reads the request, takes its time and closes the connection without a byte. */
    record CutBefore(ConnectionEnd connectionEnd, boolean billed) implements Fault {}

    /** Sends half of the answer and closes the connection; billed. */
    record CutDuring(ConnectionEnd connectionEnd) implements Fault {}

    /**
     * Closes a kept-alive connection when another request arrives on it: the stale connection of
     * every pool. A call on a fresh connection is spared.
     */
    record CutOnReuse(ConnectionEnd connectionEnd) implements Fault {}

    /** Status 200, complete by its length, but the JSON (or the stream) stops half-way; billed. */
    record Truncate() implements Fault {}

    /** Status 200 without a body; billed. */
    record Blank() implements Fault {}

    /**
     * An answer of about so many bytes; billed.
     *
     * @param over the time that its text takes to send, once it has begun
     */
    record Oversize(long bytes, Framing framing, Duration over) implements Fault {
        static final long MOST = 4L << 30;

        /** Its length announced, as fast as it is read. */
        public Oversize(long bytes) {
            this(bytes, Framing.LENGTH, Duration.ZERO);
        }

        public Oversize {
            if (over.isNegative()) {
                throw new IllegalArgumentException("over: %s is negative".formatted(over));
            }
            if (bytes < 1 || bytes > MOST) {
                throw new IllegalArgumentException(
                        "bytes: %d is not a number from 1 to %d".formatted(bytes, MOST));
            }
        }
    }

    /** How a client knows where a body ends. */
    enum Framing {
        LENGTH,
        CHUNKED
    }

    /** An error answer in OpenAI's style, at once. */
    static Fault refuse(Refusal refusal) {
        return refuse(refusal, ProviderStyle.OPENAI);
    }

    /** An error answer at once, advising two seconds where advice is due. */
    static Fault refuse(Refusal refusal, ProviderStyle style) {
        return new Refuse(refusal, style, Duration.ofSeconds(2), Latency.ZERO);
    }
}
