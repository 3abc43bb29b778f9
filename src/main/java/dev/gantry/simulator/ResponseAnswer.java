package dev.gantry.simulator;

import java.util.ArrayList;
import java.util.List;

/** A good chat answer as the Responses API writes it, whole or as events. */
record ResponseAnswer(ChatAnswer chat) implements GoodAnswer {
    private static final String TEXT = "{\"type\":\"output_text\",\"annotations\":[],\"text\":\"";

    /** Numbers the events of one stream, from 0. */
    private static final class Sequence {
        private int next;

        String event(String type, String members) {
            return begin(type) + members + "}\n\n";
        }

        String begin(String type) {
            return "event: response.%1$s\ndata: {\"type\":\"response.%1$s\",\"sequence_number\":%2$d,"
                    .formatted(type, next++);
        }
    }

    /**
     * Server-sent events: the beginning, the text in pieces, its end, the whole of it. What leaves
     * at one moment is one text, be it of several events.
     */
    List<String> events() {
        var sequence = new Sequence();
        List<String> events = new ArrayList<>();
        events.add(opening(sequence));
        for (String each : chat.pieces()) {
            String delta = place() + "\"delta\":\"" + each + "\"";
            events.add(sequence.event("output_text.delta", delta));
        }
        events.add(closing(sequence));
        events.add(sequence.event(end(), "\"response\":" + whole()));
        return events;
    }

    private String opening(Sequence sequence) {
        String response =
                "\"response\":"
                        + head("\"in_progress\",\"incomplete_details\":null")
                        + "],\"usage\":null}";
        String thoughts = "\"output_index\":0,\"item\":" + thoughts();
        return sequence.event("created", response)
                + sequence.event("in_progress", response)
                + (thinks() ? sequence.event("output_item.added", thoughts) : "")
                + (thinks() ? sequence.event("output_item.done", thoughts) : "")
                + sequence.event("output_item.added", item("in_progress", ""))
                + sequence.event("content_part.added", place() + "\"part\":" + part(""));
    }

    private String closing(Sequence sequence) {
        String part = part(text());
        return sequence.event("output_text.done", place() + "\"text\":\"" + text() + "\"")
                + sequence.event("content_part.done", place() + "\"part\":" + part)
                + sequence.event("output_item.done", item("completed", part));
    }

    private String end() {
        return chat.limited() ? "incomplete" : "completed";
    }

    /** The last event, up to its text; for an answer in a single event. */
    String beforeEventText() {
        return new Sequence().begin(end()) + "\"response\":" + beforeText();
    }

    String afterEventText() {
        return afterText() + "}\n\n";
    }

    /** Where in the answer a text belongs. */
    private String place() {
        return "\"item_id\":\"msg_%s\",\"output_index\":%d,\"content_index\":0,"
                .formatted(chat.id(), index());
    }

    private String item(String status, String content) {
        return "\"output_index\":" + index() + ",\"item\":" + message(status) + content + "]}";
    }

    private static String part(String text) {
        return TEXT + text + "\"}";
    }

    private int index() {
        return thinks() ? 1 : 0;
    }

    private boolean thinks() {
        return chat.tokens().reasoning() > 0;
    }

    private String thoughts() {
        return "{\"id\":\"rs_%s\",\"type\":\"reasoning\",\"summary\":[]}".formatted(chat.id());
    }

    /** A message up to its content. */
    private String message(String status) {
        return "{\"id\":\"msg_%s\",\"type\":\"message\",\"status\":\"%s\",\"role\":\"assistant\",\"content\":["
                .formatted(chat.id(), status);
    }

    /** A response up to its output. */
    private String head(String status) {
        return """
                {"id":"resp_%s","object":"response","created_at":%d,"status":%s,"error":null,\
                "model":%s,"output":["""
                .formatted(chat.id(), chat.created(), status, ApiError.quoted(chat.model()));
    }

    @Override
    public String beforeText() {
        String whole = "\"completed\",\"incomplete_details\":null";
        String cut = "\"incomplete\",\"incomplete_details\":{\"reason\":\"max_output_tokens\"}";
        return head(chat.limited() ? cut : whole)
                + (thinks() ? thoughts() + "," : "")
                + message("completed")
                + TEXT;
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
