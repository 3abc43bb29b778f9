package dev.gantry.simulator;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/**
 * A good chat answer as server-sent events of the Messages API or of streamGenerateContent. What
 * leaves at one moment is one text, be it of several events.
 */
record TranslatedEvents(TranslatedAnswer answer) {
    /** Where a text is to stand. */
    private static final String HERE = "\0";

    List<String> all() {
        List<String> events = new ArrayList<>();
        events.add(opening());
        List<String> pieces = answer.chat().pieces();
        long thoughts = answer.chat().tokens().reasoning();
        long visible = answer.chat().tokens().output() - thoughts;
        for (int i = 0; i < pieces.size(); i++) {
            events.add(piece(pieces.get(i), thoughts + visible * (i + 1) / pieces.size()));
        }
        events.addAll(closing());
        return events;
    }

    /** A stream of one text, up to it. */
    String beforeText() {
        return opening() + split()[0];
    }

    /** A stream of one text, after it. */
    String afterText() {
        return split()[1] + String.join("", closing());
    }

    private String[] split() {
        return piece(HERE, answer.chat().tokens().output()).split(HERE);
    }

    private boolean messages() {
        return answer.protocol() == Protocol.ANTHROPIC;
    }

    private int textIndex() {
        return answer.thinks() ? 1 : 0;
    }

    private String opening() {
        if (!messages()) {
            String thought = answer.thinks() ? TranslatedAnswer.thought() : "{\"text\":\"\"}";
            return candidate(thought, "", answer.chat().tokens().reasoning());
        }
        return event(
                        "message_start",
                        "\"message\":{%s,\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":%s}"
                                .formatted(answer.messageHead(), answer.messageUsage(1)))
                + event("ping", null)
                + (answer.thinks() ? thinking() : "")
                + begin(textIndex(), "{\"type\":\"text\",\"text\":\"\"}");
    }

    private static String thinking() {
        return begin(0, "{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}")
                + delta(0, "thinking_delta", "thinking", TranslatedAnswer.THOUGHT)
                + delta(0, "signature_delta", "signature", TranslatedAnswer.SIGNATURE)
                + event("content_block_stop", "\"index\":0");
    }

    /**
     * @param output how many tokens have been put out with it
     */
    private String piece(String text, long output) {
        return messages()
                ? delta(textIndex(), "text_delta", "text", text)
                : candidate("{\"text\":\"" + text + "\"}", "", output);
    }

    private List<String> closing() {
        long output = answer.chat().tokens().output();
        return messages()
                ? List.of(
                        event("content_block_stop", "\"index\":" + textIndex())
                                + event(
                                        "message_delta",
                                        "\"delta\":{%s},\"usage\":%s"
                                                .formatted(
                                                        answer.stop(),
                                                        answer.messageUsage(output))),
                        event("message_stop", null))
                : List.of(
                        candidate(
                                "{\"text\":\"\"}",
                                "\"finishReason\":" + answer.finishReason() + ",",
                                output));
    }

    private static String begin(int index, String block) {
        return event(
                "content_block_start", "\"index\":%d,\"content_block\":%s".formatted(index, block));
    }

    private static String delta(int index, String type, String member, String text) {
        return event(
                "content_block_delta",
                "\"index\":%d,\"delta\":{\"type\":\"%s\",\"%s\":\"%s\"}"
                        .formatted(index, type, member, text));
    }

    private static String event(String type, @Nullable String members) {
        return named(
                type, "{\"type\":\"" + type + "\"" + (members == null ? "" : "," + members) + "}");
    }

    /** An event of the Messages API. */
    static String named(String name, String json) {
        return "event: " + name + "\n" + ChatAnswer.data(json);
    }

    private String candidate(String part, String finish, long output) {
        return ChatAnswer.data(
                "{\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[%s]},%s\"index\":0}],%s}"
                        .formatted(part, finish, answer.counts(output)));
    }
}
