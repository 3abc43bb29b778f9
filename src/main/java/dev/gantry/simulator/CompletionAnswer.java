package dev.gantry.simulator;

/**
 * The body of a good answer to prompts that go on: a choice for each, all of one length.
 *
 * @param tokens of all choices
 */
record CompletionAnswer(
        String id,
        long created,
        String model,
        BilledTokens tokens,
        boolean limited,
        Question question)
        implements GoodAnswer {
    @Override
    public String beforeText() {
        return "{\"id\":\"%s\",\"object\":\"text_completion\",\"created\":%d,\"model\":%s,\"choices\":["
                        .formatted(id, created, ApiError.quoted(model))
                + "{\"text\":\"";
    }

    @Override
    public String text() {
        return text(0);
    }

    @Override
    public String afterText() {
        StringBuilder json = new StringBuilder(choiceEnd(0));
        for (int index = 1; index < question.inputs(); index++) {
            json.append(",{\"text\":\"").append(text(index)).append(choiceEnd(index));
        }
        return json.append(
                        "],\"usage\":{\"prompt_tokens\":%d,\"completion_tokens\":%d,\"total_tokens\":%d}}"
                                .formatted(
                                        tokens.input(),
                                        tokens.output(),
                                        tokens.input() + tokens.output()))
                .toString();
    }

    private String text(int index) {
        long each = tokens.output() / question.inputs();
        return Prose.of(
                question.fingerprint() + index,
                Math.toIntExact(each * ChatAnswer.CHARACTERS_PER_TOKEN));
    }

    private String choiceEnd(int index) {
        return "\",\"index\":%d,\"logprobs\":null,\"finish_reason\":\"%s\"}"
                .formatted(index, limited ? "length" : "stop");
    }
}
