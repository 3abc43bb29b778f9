package dev.gantry.dialect;

import dev.gantry.inference.Dialect;
import dev.gantry.inference.RequestBody;
import dev.gantry.inference.RequestBody.Member;

import tools.jackson.databind.JsonNode;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What of a request of the Responses API has no form in a chat. */
final class ResponsesGaps {
    /** What becomes of a member: its name in a chat request. */
    private static final Map<String, String> IN_CHAT =
            Map.ofEntries(
                    Map.entry("model", "model"),
                    Map.entry("input", "messages"),
                    Map.entry("instructions", "messages"),
                    Map.entry("max_output_tokens", "max_output_tokens"),
                    Map.entry("temperature", "temperature"),
                    Map.entry("top_p", "top_p"),
                    Map.entry("tools", "tools"),
                    Map.entry("tool_choice", "tool_choice"),
                    Map.entry("parallel_tool_calls", "parallel_tool_calls"),
                    Map.entry("text", "response_format"),
                    Map.entry("reasoning", "reasoning_effort"),
                    Map.entry("user", "user"),
                    Map.entry("safety_identifier", "safety_identifier"),
                    Map.entry("prompt_cache_key", "prompt_cache_key"),
                    Map.entry("prompt_cache_retention", "prompt_cache_retention"),
                    Map.entry("service_tier", "service_tier"));

    /** Members of a chat request that the API itself has not, and what it has instead. */
    private static final Map<String, String> OF_CHATS =
            Map.ofEntries(
                    Map.entry("messages", "input"),
                    Map.entry("max_tokens", "max_output_tokens"),
                    Map.entry("max_completion_tokens", "max_output_tokens"),
                    Map.entry("response_format", "text.format"),
                    Map.entry("reasoning_effort", "reasoning.effort"),
                    Map.entry("verbosity", "text.verbosity"),
                    Map.entry("n", ""),
                    Map.entry("stop", ""),
                    Map.entry("seed", ""),
                    Map.entry("logprobs", ""),
                    Map.entry("logit_bias", ""),
                    Map.entry("frequency_penalty", ""),
                    Map.entry("presence_penalty", ""),
                    Map.entry("functions", "tools"),
                    Map.entry("function_call", "tool_choice"));

    /** What the answer repeats, and what only matters to a stream. */
    private static final Set<String> OURS = Set.of("metadata", "stream_options");

    /** Nobody would come for the answer: not even a lane that knows it takes it. */
    private static final String BACKGROUND = "background";

    private static final String STREAM = "stream";

    private static final Map<String, Set<String>> DEFAULTS =
            Map.of(
                    BACKGROUND,
                    Set.of("false"),
                    "include",
                    Set.of("[]"),
                    "store",
                    Set.of("false"),
                    STREAM,
                    Set.of("false"),
                    "top_logprobs",
                    Set.of("0"),
                    "truncation",
                    Set.of("\"disabled\""));

    private static final Set<String> FORMS =
            Set.of(
                    "message",
                    "input_text",
                    "input_image",
                    "output_text",
                    "function_call",
                    "function_call_output",
                    "reasoning",
                    "summary_text",
                    "reasoning_text",
                    "thinking",
                    "redacted_thinking");

    /** What the members that are objects may hold. */
    private static final Set<String> WITHIN =
            Set.of(
                    "text.format",
                    "reasoning.effort",
                    "reasoning.summary",
                    "reasoning.generate_summary");

    private ResponsesGaps() {}

    /** Empty: a chat has no such member. */
    static String chatName(String member) {
        return IN_CHAT.getOrDefault(member, "");
    }

    /** Of a lane that knows the API itself. */
    static List<String> natively(RequestBody body) {
        boolean wanted =
                body.member(BACKGROUND)
                        .filter(each -> DialectGaps.value(body, each).equals("true"))
                        .isPresent();
        return wanted ? List.of(BACKGROUND) : List.of();
    }

    /** Of a lane that chats, in this dialect. */
    static List<String> in(Dialect dialect, RequestBody body) {
        List<String> gaps = new ArrayList<>();
        for (Member each : body.members()) {
            String value = DialectGaps.value(body, each);
            String name = each.name();
            String there = chatName(name);
            boolean said = !value.equals("null") && !OURS.contains(name);
            if (said && there.isEmpty() && !defaults(name).contains(value)) {
                gaps.add(DialectGaps.named(name));
            } else if (said && !there.isEmpty() && DialectGaps.lacks(dialect, there, value)) {
                gaps.add(name);
            } else if (name.equals("tool_choice")) {
                choice(ChatBody.read(body, each), gaps);
            } else if (name.equals("text") || name.equals("reasoning")) {
                within(dialect, name, ChatBody.read(body, each), gaps);
            }
        }
        body.facts().forms().stream()
                .filter(each -> !FORMS.contains(each))
                .map(each -> DialectGaps.form(each))
                .sorted()
                .forEach(gaps::add);
        return gaps;
    }

    /** For people: not everything that cannot be done is for want of a form. */
    static List<String> told(String form, List<String> gaps) {
        List<String> clauses = new ArrayList<>();
        List<String> lacking = new ArrayList<>();
        List<String> foreign = new ArrayList<>();
        for (String each : gaps) {
            String instead = OF_CHATS.get(each);
            if (instead != null) {
                foreign.add(instead.isEmpty() ? each : each + " (but " + instead + ")");
            } else if (each.equals(BACKGROUND)) {
                clauses.add("Gantry cannot come back for an answer in the background");
            } else if (each.equals(STREAM)) {
                clauses.add("a response by way of a chat cannot be streamed");
            } else {
                lacking.add(each);
            }
        }
        if (!foreign.isEmpty()) {
            clauses.addFirst("the Responses API has no " + String.join(", ", foreign));
        }
        if (!lacking.isEmpty()) {
            clauses.addFirst(form + " lacks " + String.join(", ", lacking));
        }
        return clauses;
    }

    private static Set<String> defaults(String member) {
        return DEFAULTS.getOrDefault(member, Set.of());
    }

    private static void within(Dialect dialect, String name, JsonNode value, List<String> gaps) {
        for (var each : value.properties()) {
            String what = name + "." + DialectGaps.named(each.getKey());
            String said = each.getValue().toString();
            boolean lacks =
                    what.equals("text.verbosity")
                            ? DialectGaps.lacks(dialect, "verbosity", said)
                            : !WITHIN.contains(what) && !each.getValue().isNull();
            if (lacks) {
                gaps.add(what);
            }
        }
    }

    /** Only a function can be chosen. */
    private static void choice(JsonNode choice, List<String> gaps) {
        String type = choice.path("type").asString("function");
        if (!type.equals("function")) {
            gaps.add("type " + DialectGaps.named(type));
        }
    }
}
