package dev.gantry.dialect;

import dev.gantry.inference.Operation;
import dev.gantry.inference.Usage;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The whole numbers of a usage object, by path, and what they mean under their many names. */
public final class TokenCounts {
    private static final int LONGEST_RAW = 4096;

    /** Real usage objects hold a score of numbers; a hostile one must not fill the memory. */
    private static final int MOST_NUMBERS = 128;

    private static final String CITATIONS = "citation_tokens";

    /** Nobody counts so far; sums of such numbers cannot overflow. */
    private static final long MOST_TOKENS = 1_000_000_000_000_000L;

    private static final int LONGEST_NUMBER = 32;

    /** Not more than the most. */
    private static final int FEW_DIGITS = 15;

    /** {@code 40}, {@code 40.0}; below zero there are none. */
    private static final Pattern WHOLE = Pattern.compile("0*(\\d{1,16})(?:\\.0*)?");

    private final Map<String, Long> byPath = new HashMap<>();

    /** Whether nothing in it could be anybody's words: only then is it told as it came. */
    private boolean wordless = true;

    private @Nullable String serviceTier;

    /**
     * Of a provider that counts under Anthropic's names, or OpenAI's.
     *
     * @param object a whole usage object, on one line
     */
    public static Usage of(Operation operation, byte[] object) {
        try (JsonParser json = ChatBody.JSON.createParser(object)) {
            json.nextToken();
            TokenCounts counts = new TokenCounts();
            counts.read(json);
            return counts.usage(operation, raw(object, 0, object.length));
        }
    }

    /** Reads to the end of the object that has just been opened. */
    public void read(JsonParser json) {
        read(json, "");
    }

    private void read(JsonParser json, String prefix) {
        for (String name = json.nextName(); name != null; name = json.nextName()) {
            JsonToken value = json.nextToken();
            wordless &= WireNames.isWord(name);
            switch (value) {
                case START_OBJECT -> below(json, prefix, name);
                case START_ARRAY -> skip(json);
                case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT ->
                        number(json.getString(), prefix + name);
                case VALUE_STRING -> text(json.getString(), prefix, name);
                default -> {}
            }
        }
    }

    private void below(JsonParser json, String prefix, String name) {
        if (prefix.isEmpty()) {
            read(json, name + ".");
        } else {
            skip(json);
        }
    }

    private void text(String value, String prefix, String name) {
        wordless &= WireNames.isWord(value);
        if (name.equals("service_tier")) {
            serviceTier = value;
        } else {
            number(value, prefix + name);
        }
    }

    private void skip(JsonParser json) {
        wordless = false;
        json.skipChildren();
    }

    /** As a whole number, a whole float or digits; what is none of them is not counted. */
    private void number(String written, String path) {
        if (written.length() > LONGEST_NUMBER || byPath.size() >= MOST_NUMBERS) {
            return;
        }
        if (written.length() <= FEW_DIGITS && isDigits(written)) {
            byPath.put(path, Long.valueOf(written));
            return;
        }
        Matcher whole = WHOLE.matcher(written);
        if (whole.matches()) {
            long count = Long.parseLong(whole.group(1));
            if (count <= MOST_TOKENS) {
                byPath.put(path, count);
            }
        }
    }

    /** As nearly always: a pattern costs more than the rest. */
    private static boolean isDigits(String written) {
        for (int at = 0; at < written.length(); at++) {
            if (written.charAt(at) < '0' || written.charAt(at) > '9') {
                return false;
            }
        }
        return !written.isEmpty();
    }

    public Usage usage(Operation operation, @Nullable String raw) {
        Long input = input(operation);
        Long output = output(operation);
        Long read = read();
        Long write = write();
        Long reasoning = reasoning();
        long rest = unexplained(input, output);
        if (rest > 0 && input != null && output != null) {
            // Anthropic's way under OpenAI's names: what was cached is not in the prompt's tokens.
            boolean cached = rest != or(reasoning, 0) && rest == or(read, 0) + or(write, 0);
            input = cached ? Long.valueOf(input + rest) : input;
            output = cached ? output : Long.valueOf(output + rest);
        }
        return new Usage(input, read, write, output, reasoning, counters(), wordless ? raw : null);
    }

    private @Nullable Long read() {
        return first(
                "prompt_tokens_details.cached_tokens",
                "input_tokens_details.cached_tokens",
                "cache_read_input_tokens",
                "prompt_cache_hit_tokens",
                "cached_tokens");
    }

    private @Nullable Long write() {
        return first(
                "prompt_tokens_details.cache_write_tokens",
                "input_tokens_details.cache_write_tokens",
                "prompt_tokens_details.cache_creation_input_tokens",
                "cache_creation_input_tokens");
    }

    private @Nullable Long reasoning() {
        return first(
                "completion_tokens_details.reasoning_tokens",
                "output_tokens_details.reasoning_tokens",
                "output_tokens_details.thinking_tokens",
                "reasoning_tokens");
    }

    /** Perplexity counts reasoning, and what it cites, beside the completion. */
    private @Nullable Long output(Operation operation) {
        Long output = first("completion_tokens", "output_tokens");
        if (output != null && byPath.containsKey(CITATIONS)) {
            return output + byPath.getOrDefault("reasoning_tokens", 0L);
        }
        // Where there is no output to count, its absence is a measured zero.
        return output == null && !operation.tokens().hasOutput() ? Long.valueOf(0) : output;
    }

    /**
     * What a total holds beyond input and output. xAI and Gemini leave reasoning out of the
     * completion's tokens and bill it all the same.
     */
    private long unexplained(@Nullable Long input, @Nullable Long output) {
        Long total = byPath.get("total_tokens");
        return total == null || input == null || output == null ? 0 : total - input - output;
    }

    /** The count, or another number where there is none. */
    public static long or(@Nullable Long count, long other) {
        return count == null ? other : count;
    }

    /** Anthropic says here by which tier it served; null: it does not. */
    public @Nullable String serviceTier() {
        return serviceTier == null || !WireNames.isWord(serviceTier) ? null : serviceTier;
    }

    /** The exact text, on one line; null where it is too long to be carried. */
    public static @Nullable String raw(byte[] body, int start, int end) {
        return end - start > LONGEST_RAW
                ? null
                : new String(body, start, end - start, StandardCharsets.UTF_8)
                        .replace('\n', ' ')
                        .replace('\r', ' ');
    }

    /** Inclusive of what was cached. OpenAI counts so itself, Anthropic's names leave it out. */
    private @Nullable Long input(Operation operation) {
        Long prompt = byPath.get("prompt_tokens");
        Long fresh = byPath.get("input_tokens");
        if (prompt == null && fresh == null && !operation.tokens().hasOutput()) {
            // Voyage and others: there is nothing else that the total could hold.
            return byPath.get("total_tokens");
        }
        if (prompt != null || fresh == null) {
            return prompt;
        }
        return fresh
                + byPath.getOrDefault("cache_read_input_tokens", 0L)
                + byPath.getOrDefault("cache_creation_input_tokens", 0L);
    }

    /** What is billed apart from text tokens, where it was used at all. */
    private Map<String, Long> counters() {
        Map<String, Long> counters = new HashMap<>();
        count(counters, "web_search", "server_tool_use.web_search_requests", "num_search_queries");
        count(counters, "search_sources", "num_sources_used");
        count(counters, "citation_tokens", CITATIONS);
        count(counters, "audio_input_tokens", "prompt_tokens_details.audio_tokens");
        count(counters, "audio_output_tokens", "completion_tokens_details.audio_tokens");
        count(counters, "cache_write_1h_input_tokens", "cache_creation.ephemeral_1h_input_tokens");
        return counters;
    }

    private void count(Map<String, Long> counters, String counter, String... paths) {
        Long count = first(paths);
        if (count != null && count > 0) {
            counters.put(counter, count);
        }
    }

    private @Nullable Long first(String... paths) {
        for (String path : paths) {
            Long count = byPath.get(path);
            if (count != null) {
                return count;
            }
        }
        return null;
    }
}
