package dev.gantry.simulator;

import java.util.ArrayList;
import java.util.List;

/**
 * The body of a good chat answer, whole or as events.
 *
 * @param id without the prefix that each API has of its own
 * @param limited the request's token limit cut it short
 */
record ChatAnswer(
        String id, long created, String model, BilledTokens tokens, boolean limited, long seed)
        implements GoodAnswer {
    static final int CHARACTERS_PER_TOKEN = 4;

    @Override
    public String text() {
        int visible = Math.toIntExact(tokens.output() - tokens.reasoning());
        return Prose.of(seed, visible * CHARACTERS_PER_TOKEN);
    }

    /** The text as a stream brings it. */
    List<String> pieces() {
        return Prose.pieces(text());
    }

    @Override
    public String beforeText() {
        return head("chat.completion")
                + "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"";
    }

    @Override
    public String afterText() {
        return "\",\"refusal\":null,\"annotations\":[]},\"logprobs\":null,\"finish_reason\":\""
                + finish()
                + "\"}],\"usage\":"
                + usage()
                + ",\"service_tier\":\"default\"}";
    }

    /** One event up to its text; for an answer in a single event. */
    String beforeEventText() {
        return "data: "
                + head("chat.completion.chunk")
                + "\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"";
    }

    static String afterEventText() {
        return "\"},\"finish_reason\":null}]}\n\n";
    }

    /**
     * Server-sent events: the role, the text in pieces, the finish, the usage if asked, the end.
     */
    List<String> events(Question.Form form) {
        List<String> events = new ArrayList<>();
        events.add(event("{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null}", "null"));
        pieces().forEach(each -> events.add(event("{\"content\":\"" + each + "\"}", "null")));
        events.add(event("{}", "\"" + finish() + "\""));
        if (form == Question.Form.CHAT_STREAM_WITH_USAGE) {
            events.add(
                    data(
                            head("chat.completion.chunk")
                                    + "\"choices\":[],\"usage\":"
                                    + usage()
                                    + "}"));
        }
        events.add(data("[DONE]"));
        return events;
    }

    private String event(String delta, String finish) {
        return data(
                head("chat.completion.chunk")
                        + "\"choices\":[{\"index\":0,\"delta\":"
                        + delta
                        + ",\"logprobs\":null,\"finish_reason\":"
                        + finish
                        + "}]}");
    }

    static String data(String json) {
        return "data: " + json + "\n\n";
    }

    private String head(String object) {
        return "{\"id\":\"chatcmpl-"
                + id
                + "\",\"object\":\""
                + object
                + "\",\"created\":"
                + created
                + ",\"model\":"
                + ApiError.quoted(model)
                + ',';
    }

    private String finish() {
        return limited ? "length" : "stop";
    }

    private String usage() {
        return "{\"prompt_tokens\":"
                + tokens.input()
                + ",\"completion_tokens\":"
                + tokens.output()
                + ",\"total_tokens\":"
                + (tokens.input() + tokens.output())
                + ",\"prompt_tokens_details\":{\"cached_tokens\":"
                + tokens.cached()
                + ",\"audio_tokens\":0},\"completion_tokens_details\":{\"reasoning_tokens\":"
                + tokens.reasoning()
                + ",\"audio_tokens\":0,\"accepted_prediction_tokens\":0,"
                + "\"rejected_prediction_tokens\":0}}";
    }
}
