package dev.gantry.simulator;

import java.util.ArrayList;
import java.util.List;

/**
 * The body of a good answer to prompts that go on, whole or as events: a choice for each, all of
 * one length.
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
        return head() + "{\"text\":\"";
    }

    @Override
    public String text() {
        return text(0);
    }

    @Override
    public String afterText() {
        StringBuilder json = new StringBuilder(choiceEnd(0, finish()));
        for (int index = 1; index < question.inputs(); index++) {
            json.append(",{\"text\":\"").append(text(index)).append(choiceEnd(index, finish()));
        }
        return json.append(closing()).toString();
    }

    /** One event up to its text; for an answer in a single event. */
    String beforeEventText() {
        return "data: " + beforeText();
    }

    static String afterEventText() {
        return choiceEnd(0, "null") + "]}\n\n";
    }

    /** Server-sent events: each choice in pieces, and its finish; the usage if asked, the end. */
    List<String> events() {
        List<String> events = new ArrayList<>();
        for (int index = 0; index < question.inputs(); index++) {
            for (String piece : Prose.pieces(text(index))) {
                events.add(event(piece, choiceEnd(index, "null")));
            }
            events.add(event("", choiceEnd(index, finish())));
        }
        if (question.form() == Question.Form.COMPLETION_STREAM_WITH_USAGE) {
            events.add(ChatAnswer.data(head() + closing()));
        }
        events.add(ChatAnswer.data("[DONE]"));
        return events;
    }

    private String event(String text, String end) {
        return ChatAnswer.data(beforeText() + text + end + "]}");
    }

    private String head() {
        return "{\"id\":\"%s\",\"object\":\"text_completion\",\"created\":%d,\"model\":%s,\"choices\":["
                .formatted(id, created, ApiError.quoted(model));
    }

    private String closing() {
        return "],\"usage\":{\"prompt_tokens\":%d,\"completion_tokens\":%d,\"total_tokens\":%d}}"
                .formatted(tokens.input(), tokens.output(), tokens.input() + tokens.output());
    }

    private String text(int index) {
        long each = tokens.output() / question.inputs();
        return Prose.of(
                question.fingerprint() + index,
                Math.toIntExact(each * ChatAnswer.CHARACTERS_PER_TOKEN));
    }

    private String finish() {
        return limited ? "\"length\"" : "\"stop\"";
    }

    private static String choiceEnd(int index, String finish) {
        return "\",\"index\":%d,\"logprobs\":null,\"finish_reason\":%s}".formatted(index, finish);
    }
}
