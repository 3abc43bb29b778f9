package dev.gantry.simulator;

/** A good chat answer as the Messages API or generateContent writes it. */
record TranslatedAnswer(ChatAnswer chat, Protocol protocol) implements GoodAnswer {
    static final String THOUGHT = "Let me see.";
    static final String SIGNATURE = "c2ln";

    @Override
    public String beforeText() {
        return protocol == Protocol.ANTHROPIC ? beforeMessage() : beforeCandidate();
    }

    @Override
    public String text() {
        return chat.text();
    }

    @Override
    public String afterText() {
        return protocol == Protocol.ANTHROPIC
                ? "\"}]," + stop() + ",\"usage\":" + messageUsage(chat.tokens().output()) + "}"
                : "\"}]},\"finishReason\":"
                        + finishReason()
                        + ",\"index\":0}],"
                        + counts(chat.tokens().output())
                        + "}";
    }

    boolean thinks() {
        return chat.tokens().reasoning() > 0;
    }

    /** A message's members up to its content. */
    String messageHead() {
        return "\"id\":\"msg_"
                + chat.id()
                + "\",\"type\":\"message\",\"role\":\"assistant\",\"model\":"
                + ApiError.quoted(chat.model());
    }

    private String beforeMessage() {
        String thinking =
                "{\"type\":\"thinking\",\"thinking\":\"%s\",\"signature\":\"%s\"},"
                        .formatted(THOUGHT, SIGNATURE);
        return "{"
                + messageHead()
                + ",\"content\":["
                + (thinks() ? thinking : "")
                + "{\"type\":\"text\",\"text\":\"";
    }

    /** Why the message ended. */
    String stop() {
        return "\"stop_reason\":\""
                + (chat.limited() ? "max_tokens" : "end_turn")
                + "\",\"stop_sequence\":null";
    }

    /** When so many tokens have been put out. */
    String messageUsage(long output) {
        BilledTokens tokens = chat.tokens();
        return "{\"input_tokens\":"
                + (tokens.input() - tokens.cached())
                + ",\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":"
                + tokens.cached()
                + ",\"output_tokens\":"
                + output
                + ",\"output_tokens_details\":{\"thinking_tokens\":"
                + Math.min(output, tokens.reasoning())
                + "},\"service_tier\":\"standard\"}";
    }

    private String beforeCandidate() {
        return "{\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":["
                + (thinks() ? thought() + "," : "")
                + "{\"text\":\"";
    }

    static String thought() {
        return "{\"text\":\"" + THOUGHT + "\",\"thought\":true}";
    }

    String finishReason() {
        return chat.limited() ? "\"MAX_TOKENS\"" : "\"STOP\"";
    }

    /** What stands beside the candidates when so many tokens have been put out. */
    String counts(long output) {
        BilledTokens tokens = chat.tokens();
        long thoughts = Math.min(output, tokens.reasoning());
        return "\"usageMetadata\":{\"promptTokenCount\":"
                + tokens.input()
                + ",\"cachedContentTokenCount\":"
                + tokens.cached()
                + ",\"candidatesTokenCount\":"
                + (output - thoughts)
                + ",\"thoughtsTokenCount\":"
                + thoughts
                + ",\"totalTokenCount\":"
                + (tokens.input() + output)
                + "},\"modelVersion\":"
                + ApiError.quoted(chat.model())
                + ",\"responseId\":\""
                + chat.id()
                + '"';
    }
}
