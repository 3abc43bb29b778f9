package dev.gantry.classification;

import dev.gantry.inference.Adaptation.OutputLimit;
import dev.gantry.inference.RequestBody;
import dev.gantry.inference.RequestBody.Member;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;

/**
 * What a request may lose, or have under another name, and still be answered as asked. Whatever is
 * not listed is never touched: neither what the question is made of (messages, tools, stop, n,
 * response_format …), nor what nobody here knows.
 */
public final class Expendable {
    /** How the words are drawn: the answer is one to the same question, drawn in another way. */
    private static final Set<String> SAMPLING =
            Set.of(
                    "temperature",
                    "top_p",
                    "top_k",
                    "min_p",
                    "top_a",
                    "typical_p",
                    "frequency_penalty",
                    "presence_penalty",
                    "repetition_penalty",
                    "repeat_penalty",
                    "seed",
                    "random_seed");

    /** How hard to try: the model tries as hard as it does by itself. */
    private static final Set<String> EFFORT = Set.of("reasoning_effort", "verbosity");

    private static final Set<String> REASONING =
            Set.of("reasoning_effort", "reasoning", "thinking", "max_thinking_tokens");

    /** Notes to the provider, of which no answer knows, and what only saves time. */
    private static final Set<String> NOTES =
            Set.of(
                    "user",
                    "safety_identifier",
                    "metadata",
                    "prompt_cache_key",
                    "prompt_cache_retention",
                    "prediction");

    /** What goes without saying: the protocol's own default. */
    private static final Map<String, Set<String>> DEFAULTS =
            Map.of(
                    "parallel_tool_calls", Set.of("true"),
                    "store", Set.of("false"),
                    "logprobs", Set.of("false"),
                    "service_tier", Set.of("\"auto\"", "\"default\""));

    /** Without these there is no question. */
    private static final Set<String> QUESTION =
            Set.of("model", "messages", "input", "prompt", "stream");

    /** Names of one and the same thing; an output limit may only be renamed, as it bounds costs. */
    static final Set<String> OUTPUT_LIMITS = OutputLimit.NAMES;

    private static final Set<Set<String>> SYNONYMS =
            Set.of(
                    OUTPUT_LIMITS,
                    Set.of("seed", "random_seed"),
                    Set.of("user", "safety_identifier"));

    private Expendable() {}

    /** Whether the member may be left out where the model does not know it. */
    public static boolean parameter(RequestBody body, Member member) {
        return EFFORT.contains(member.name())
                || NOTES.contains(member.name())
                || value(body, member);
    }

    /** Whether it may be left out where its value is not to the model's liking. */
    static boolean value(RequestBody body, Member member) {
        String name = member.name();
        if (OUTPUT_LIMITS.contains(name) || QUESTION.contains(name)) {
            return false;
        }
        int length = member.valueEnd() - member.valueStart();
        String value =
                length > 16
                        ? ""
                        : new String(
                                body.bytes(), member.valueStart(), length, StandardCharsets.UTF_8);
        return SAMPLING.contains(name)
                || value.equals("null")
                || DEFAULTS.getOrDefault(name, Set.of()).contains(value);
    }

    /** Whether the member says how words are drawn. */
    public static boolean sampling(String member) {
        return SAMPLING.contains(member);
    }

    /** Whether the body asks for reasoning, or says how much: then many models draw no words. */
    public static boolean reasons(RequestBody body) {
        return REASONING.stream().anyMatch(each -> body.member(each).isPresent());
    }

    static boolean synonyms(String one, String other) {
        return SYNONYMS.stream().anyMatch(each -> each.contains(one) && each.contains(other));
    }
}
