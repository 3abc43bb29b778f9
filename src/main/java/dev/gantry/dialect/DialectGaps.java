package dev.gantry.dialect;

import dev.gantry.inference.Capability;
import dev.gantry.inference.Change;
import dev.gantry.inference.Change.Clamped;
import dev.gantry.inference.Change.Dropped;
import dev.gantry.inference.Dialect;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Operation;
import dev.gantry.inference.RequestBody;
import dev.gantry.inference.RequestBody.Member;
import dev.gantry.operation.Operations;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What of a request a dialect has no form for. Whatever is not listed here as having one is a gap:
 * a member that nobody knows is never lost in silence. Pure; knows members by their names and
 * shortest values only, so that it costs a route next to nothing.
 */
public final class DialectGaps {
    private static final Set<String> EVERYWHERE =
            Set.of(
                    "model",
                    "messages",
                    "max_tokens",
                    "max_completion_tokens",
                    "max_output_tokens",
                    "stop",
                    "stream",
                    "stream_options",
                    "temperature",
                    "top_p",
                    "top_k",
                    "tools",
                    "tool_choice",
                    "response_format",
                    "reasoning_effort");

    private static final Map<Dialect, Set<String>> MEMBERS =
            Map.of(
                    Dialect.ANTHROPIC,
                    Set.of("parallel_tool_calls", "thinking", "user", "safety_identifier"),
                    Dialect.GEMINI,
                    Set.of(
                            "n",
                            "seed",
                            "presence_penalty",
                            "frequency_penalty",
                            "cachedContent",
                            "safetySettings"));

    private static final Map<Dialect, Set<String>> FORMS =
            Map.of(
                    Dialect.ANTHROPIC,
                    Set.of("ephemeral", "thinking", "redacted_thinking", "file_id"),
                    Dialect.GEMINI,
                    Set.of("input_audio", "thinking", "redacted_thinking", "file_id"));

    /** Notes to the provider, of which no answer knows, and what only saves time. */
    private static final Set<String> NOTES =
            Set.of(
                    "user",
                    "safety_identifier",
                    "metadata",
                    "store",
                    "prediction",
                    "prompt_cache_key",
                    "prompt_cache_retention");

    /** How words are drawn: while it thinks, a model draws them as it likes. */
    private static final Set<String> DRAWN = Set.of("temperature", "top_p", "top_k");

    /** What goes without saying: OpenAI's own defaults. */
    private static final Map<String, Set<String>> DEFAULTS =
            Map.of(
                    "n", Set.of("1"),
                    "logprobs", Set.of("false"),
                    "top_logprobs", Set.of("0"),
                    "frequency_penalty", Set.of("0", "0.0"),
                    "presence_penalty", Set.of("0", "0.0"),
                    "logit_bias", Set.of("{}"),
                    "parallel_tool_calls", Set.of("true"),
                    "modalities", Set.of("[\"text\"]"),
                    "service_tier", Set.of("\"auto\"", "\"default\""),
                    "verbosity", Set.of("\"medium\""));

    private static final int LONGEST_DEFAULT = 16;

    /** So many are told. */
    private static final int MOST = 16;

    private DialectGaps() {}

    /**
     * Members, and forms of content, in the order of the request; empty: it can be said. What is
     * wrong within a member that has a form shows only when it is translated.
     *
     * @param called by which it is to be answered: its own operation, or chat
     */
    public static List<String> in(Dialect dialect, Operation called, InferenceRequest request) {
        RequestBody body = request.body();
        if (request.operation().equals(Operations.RESPONSES)) {
            List<String> gaps =
                    called.equals(Operations.CHAT)
                            ? ResponsesGaps.in(dialect, body)
                            : ResponsesGaps.natively(body);
            return gaps.subList(0, Math.min(gaps.size(), MOST));
        }
        if (dialect == Dialect.OPENAI) {
            return List.of();
        }
        if (!called.equals(Operations.CHAT)) {
            return List.of(called.label());
        }
        Set<String> forms = FORMS.getOrDefault(dialect, Set.of());
        return Stream.concat(
                        body.members().stream()
                                .filter(each -> lacks(dialect, each.name(), value(body, each)))
                                .map(each -> named(each.name())),
                        body.facts().forms().stream()
                                .filter(each -> !forms.contains(each))
                                .map(DialectGaps::form)
                                .sorted())
                .limit(MOST)
                .toList();
    }

    /**
     * The same for people, each in a clause of its own.
     *
     * @param form the dialect's label, or that of the operation that is to do for another
     * @param gaps as {@link #in} tells them
     */
    public static List<String> told(Operation operation, String form, List<String> gaps) {
        if (operation.equals(Operations.RESPONSES)) {
            return ResponsesGaps.told(form, gaps);
        }
        return gaps.isEmpty() ? List.of() : List.of(form + " lacks " + String.join(", ", gaps));
    }

    static String form(String word) {
        return word.equals("file_id") ? word : "type " + named(word);
    }

    /** They stand in events that are not the request's own: what is no name may be a prompt. */
    static String named(String name) {
        return WireNames.isWord(name) ? name : "of no name";
    }

    /** Whether it has no form for a chat's member of this value. */
    static boolean lacks(Dialect dialect, String name, String value) {
        return dialect != Dialect.OPENAI
                && !EVERYWHERE.contains(name)
                && !MEMBERS.getOrDefault(dialect, Set.of()).contains(name)
                && !NOTES.contains(name)
                && !(dialect == Dialect.ANTHROPIC && name.startsWith("anthropic_"))
                && !value.equals("null")
                && !DEFAULTS.getOrDefault(name, Set.of()).contains(value);
    }

    /** Empty where it is too long to be a default. */
    static String value(RequestBody body, Member member) {
        int length = member.valueEnd() - member.valueStart();
        return length > LONGEST_DEFAULT
                ? ""
                : new String(body.bytes(), member.valueStart(), length, StandardCharsets.UTF_8);
    }

    /**
     * What the dialect changes of a request that it has a form for, so that the caller can be told:
     * notes that it has no place for, and how words are drawn.
     */
    public static List<Change> changes(
            Dialect dialect, Operation called, InferenceRequest request) {
        if (dialect == Dialect.OPENAI) {
            return List.of();
        }
        RequestBody body = request.body();
        boolean thinks = body.facts().needs().contains(Capability.THINKING);
        List<Change> changes = new ArrayList<>();
        for (Member each : body.members()) {
            String name = nameThere(called, request, each.name());
            boolean note =
                    NOTES.contains(name) && !MEMBERS.getOrDefault(dialect, Set.of()).contains(name);
            boolean drawn = DRAWN.contains(name);
            if (value(body, each).equals("null")) {
                continue;
            }
            if (note || (dialect == Dialect.ANTHROPIC && thinks && drawn)) {
                changes.add(new Dropped(name));
            } else if (dialect == Dialect.ANTHROPIC
                    && name.equals("temperature")
                    && above1(value(body, each))) {
                changes.add(new Clamped(name, 1));
            }
        }
        return changes;
    }

    /** What a member of the request's is called by the operation that answers it. */
    public static String nameThere(Operation called, InferenceRequest request, String member) {
        return called.equals(request.operation()) ? member : ResponsesGaps.chatName(member);
    }

    /** The names of members that the dialect leaves out: a list of the caller's own. */
    public static List<String> dropped(
            Dialect dialect, Operation called, InferenceRequest request) {
        List<String> dropped = new ArrayList<>();
        for (Change each : changes(dialect, called, request)) {
            if (each instanceof Dropped(String member)) {
                dropped.add(member);
            }
        }
        return dropped;
    }

    private static boolean above1(String number) {
        try {
            return Double.parseDouble(number) > 1;
        } catch (NumberFormatException _) {
            return false;
        }
    }
}
