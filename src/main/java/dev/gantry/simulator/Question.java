package dev.gantry.simulator;

import dev.gantry.simulator.script.AnswerShape;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.zip.CRC32C;

/**
 * What a request asks of a model, as far as an answer depends on it.
 *
 * @param maxTokens null: no limit
 * @param inputs how many texts to embed, to judge, or to go on with
 * @param dimensions of an embedding
 * @param members of the body, in their order
 * @param fingerprint of the request's bytes: the same request gets the same answer
 */
record Question(
        String model,
        Form form,
        @Nullable Integer maxTokens,
        int inputs,
        int dimensions,
        int bodyBytes,
        List<String> members,
        long fingerprint) {
    Question {
        members = List.copyOf(members);
    }

    private static final int LEAST_USUAL_TOKENS = 40;
    private static final int MOST_USUAL_TOKENS = 200;
    private static final int BYTES_PER_TOKEN = 4;

    /** How the answer is to be written. */
    enum Form {
        CHAT(Protocol.OPENAI, false),
        CHAT_STREAM(Protocol.OPENAI, true),
        CHAT_STREAM_WITH_USAGE(Protocol.OPENAI, true),
        EMBEDDING(Protocol.OPENAI, false),
        EMBEDDING_BASE64(Protocol.OPENAI, false),
        RESPONSE(Protocol.OPENAI, false),
        RESPONSE_STREAM(Protocol.OPENAI, true),
        COMPLETION(Protocol.OPENAI, false),
        COMPLETION_STREAM(Protocol.OPENAI, true),
        COMPLETION_STREAM_WITH_USAGE(Protocol.OPENAI, true),
        MODERATION(Protocol.OPENAI, false),
        MESSAGES(Protocol.ANTHROPIC, false),
        MESSAGES_STREAM(Protocol.ANTHROPIC, true),
        GENERATE_CONTENT(Protocol.GEMINI, false),
        GENERATE_CONTENT_STREAM(Protocol.GEMINI, true);

        private final Protocol protocol;
        private final boolean streams;

        Form(Protocol protocol, boolean streams) {
            this.protocol = protocol;
            this.streams = streams;
        }

        Protocol protocol() {
            return protocol;
        }

        boolean streams() {
            return streams;
        }
    }

    static long fingerprint(byte[] body) {
        CRC32C crc = new CRC32C();
        crc.update(body, 0, body.length);
        return crc.getValue();
    }

    /** What the answer will be billed. */
    BilledTokens tokens(AnswerShape shape) {
        int input = Math.max(1, bodyBytes / BYTES_PER_TOKEN);
        int wanted = wantedTokens(shape);
        int output = maxTokens == null ? wanted : Math.min(wanted, maxTokens);
        return switch (form) {
            case MODERATION -> BilledTokens.NONE;
            case EMBEDDING, EMBEDDING_BASE64 -> new BilledTokens(input, 0, 0, 0);
            case COMPLETION, COMPLETION_STREAM, COMPLETION_STREAM_WITH_USAGE ->
                    new BilledTokens(input, 0, (long) output * inputs, 0);
            case CHAT,
                    CHAT_STREAM,
                    CHAT_STREAM_WITH_USAGE,
                    RESPONSE,
                    RESPONSE_STREAM,
                    MESSAGES,
                    MESSAGES_STREAM,
                    GENERATE_CONTENT,
                    GENERATE_CONTENT_STREAM ->
                    new BilledTokens(
                            input,
                            (long) (input * shape.cachedShare()),
                            output,
                            (long) (output * shape.reasoningShare()));
        };
    }

    /** What counts against a limit of tokens before a word is generated. */
    long reserved(AnswerShape shape) {
        BilledTokens billed = tokens(shape);
        return maxTokens == null || billed.output() == 0
                ? billed.input() + billed.output()
                : billed.input() + (long) maxTokens * Math.max(1, inputs);
    }

    /** Whether the request's own limit cuts the answer short. */
    boolean limited(AnswerShape shape) {
        return maxTokens != null && maxTokens < wantedTokens(shape);
    }

    private int wantedTokens(AnswerShape shape) {
        int spread = MOST_USUAL_TOKENS - LEAST_USUAL_TOKENS + 1;
        return shape.tokens() > 0
                ? shape.tokens()
                : LEAST_USUAL_TOKENS + (int) (fingerprint % spread);
    }
}
