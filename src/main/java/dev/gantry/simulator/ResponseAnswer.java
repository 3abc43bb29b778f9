package dev.gantry.simulator;

import java.util.ArrayList;
import java.util.List;

/** A good chat answer as the Responses API writes it. */
record ResponseAnswer(ChatAnswer chat) implements GoodAnswer {
    /** What follows the whole of it in the last event. */
    static final String CLOSING = "}\n\n";

    /** Server-sent events: the beginning, the text in pieces, the whole of it. */
    List<String> events() {
        List<String> events = new ArrayList<>();
        events.add(event("created", "\"response\":{\"status\":\"in_progress\"}"));
        for (String each : chat.pieces()) {
            events.add(event("output_text.delta", "\"delta\":\"" + each + "\""));
        }
        events.add(opening() + whole() + CLOSING);
        return events;
    }

    private static String event(String type, String members) {
        return ChatAnswer.data("{\"type\":\"response." + type + "\"," + members + "}");
    }

    /** The last event, up to the whole of it. */
    String opening() {
        String end = chat.limited() ? "incomplete" : "completed";
        return "data: {\"type\":\"response." + end + "\",\"response\":";
    }

    @Override
    public String beforeText() {
        String whole = "\"completed\",\"incomplete_details\":null";
        String cut = "\"incomplete\",\"incomplete_details\":{\"reason\":\"max_output_tokens\"}";
        return """
                {"id":"resp_%s","object":"response","created_at":%d,"status":%s,"error":null,\
                "model":%s,"output":[%s{"id":"msg_1","type":"message","status":"completed",\
                "role":"assistant","content":[{"type":"output_text","annotations":[],"text":\""""
                .formatted(
                        chat.id(),
                        chat.created(),
                        chat.limited() ? cut : whole,
                        ApiError.quoted(chat.model()),
                        chat.tokens().reasoning() > 0
                                ? "{\"id\":\"rs_1\",\"type\":\"reasoning\",\"summary\":[]},"
                                : "");
    }

    @Override
    public String text() {
        return chat.text();
    }

    @Override
    public String afterText() {
        BilledTokens tokens = chat.tokens();
        return """
                "}]}],"service_tier":"default","usage":{"input_tokens":%d,\
                "input_tokens_details":{"cached_tokens":%d},"output_tokens":%d,\
                "output_tokens_details":{"reasoning_tokens":%d},"total_tokens":%d}}"""
                .formatted(
                        tokens.input(),
                        tokens.cached(),
                        tokens.output(),
                        tokens.reasoning(),
                        tokens.input() + tokens.output());
    }
}
