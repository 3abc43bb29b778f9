package dev.gantry.simulator;

/** A good chat answer as the Messages API or generateContent writes it. */
record TranslatedAnswer(ChatAnswer chat, Question.Form form) {
    /** The whole answer up to its text. */
    String beforeText() {
        return form == Question.Form.MESSAGES ? beforeMessage() : beforeCandidate();
    }

    /** The whole answer after its text. */
    String afterText() {
        return form == Question.Form.MESSAGES ? afterMessage() : afterCandidate();
    }

    String whole() {
        return beforeText() + chat.text() + afterText();
    }

    private boolean thinks() {
        return chat.tokens().reasoning() > 0;
    }

    private String beforeMessage() {
        return "{\"id\":\"msg_"
                + chat.id()
                + "\",\"type\":\"message\",\"role\":\"assistant\",\"model\":"
                + ApiError.quoted(chat.model())
                + ",\"content\":["
                + (thinks()
                        ? "{\"type\":\"thinking\",\"thinking\":\"Let me see.\",\"signature\":\"c2ln\"},"
                        : "")
                + "{\"type\":\"text\",\"text\":\"";
    }

    private String afterMessage() {
        BilledTokens tokens = chat.tokens();
        return "\"}],\"stop_reason\":\""
                + (chat.limited() ? "max_tokens" : "end_turn")
                + "\",\"stop_sequence\":null,\"usage\":{\"input_tokens\":"
                + (tokens.input() - tokens.cached())
                + ",\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":"
                + tokens.cached()
                + ",\"output_tokens\":"
                + tokens.output()
                + ",\"output_tokens_details\":{\"thinking_tokens\":"
                + tokens.reasoning()
                + "},\"service_tier\":\"standard\"}}";
    }

    private String beforeCandidate() {
        return "{\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":["
                + (thinks() ? "{\"text\":\"Let me see.\",\"thought\":true}," : "")
                + "{\"text\":\"";
    }

    private String afterCandidate() {
        BilledTokens tokens = chat.tokens();
        return "\"}]},\"finishReason\":\""
                + (chat.limited() ? "MAX_TOKENS" : "STOP")
                + "\",\"index\":0}],\"usageMetadata\":{\"promptTokenCount\":"
                + tokens.input()
                + ",\"cachedContentTokenCount\":"
                + tokens.cached()
                + ",\"candidatesTokenCount\":"
                + (tokens.output() - tokens.reasoning())
                + ",\"thoughtsTokenCount\":"
                + tokens.reasoning()
                + ",\"totalTokenCount\":"
                + (tokens.input() + tokens.output())
                + "},\"modelVersion\":"
                + ApiError.quoted(chat.model())
                + ",\"responseId\":\""
                + chat.id()
                + "\"}";
    }
}
