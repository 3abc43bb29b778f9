package dev.gantry.provider.openai;

import dev.gantry.inference.Operation;
import dev.gantry.inference.Usage;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonParser.NumberType;
import tools.jackson.core.JsonToken;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** The whole numbers of a usage object, by path, and what they mean under their many names. */
final class TokenCounts {
    private static final int LONGEST_RAW = 4096;

    /** Real usage objects hold a score of numbers; a hostile one must not fill the memory. */
    private static final int MOST_NUMBERS = 128;

    /** Nobody counts so far; sums of such numbers cannot overflow. */
    private static final long MOST_TOKENS = 1_000_000_000_000_000L;

    private final Map<String, Long> byPath = new HashMap<>();

    /** Reads to the end of the object that has just been opened. */
    void read(JsonParser json) {
        read(json, "");
    }

    private void read(JsonParser json, String prefix) {
        for (String name = json.nextName(); name != null; name = json.nextName()) {
            JsonToken value = json.nextToken();
            if (value == JsonToken.START_OBJECT && prefix.isEmpty()) {
                read(json, name + ".");
            } else if (value == JsonToken.VALUE_NUMBER_INT && byPath.size() < MOST_NUMBERS) {
                number(json, prefix + name);
            } else {
                json.skipChildren();
            }
        }
    }

    private void number(JsonParser json, String path) {
        NumberType type = json.getNumberType();
        if (type == NumberType.INT || type == NumberType.LONG) {
            long count = json.getLongValue();
            if (count >= 0 && count <= MOST_TOKENS) {
                byPath.put(path, count);
            }
        }
    }

    Usage usage(Operation operation, @Nullable String raw) {
        Long output = first("completion_tokens", "output_tokens");
        return new Usage(
                input(),
                first(
                        "prompt_tokens_details.cached_tokens",
                        "input_tokens_details.cached_tokens",
                        "cache_read_input_tokens",
                        "prompt_cache_hit_tokens",
                        "cached_tokens"),
                first(
                        "prompt_tokens_details.cache_write_tokens",
                        "input_tokens_details.cache_write_tokens",
                        "prompt_tokens_details.cache_creation_input_tokens",
                        "cache_creation_input_tokens"),
                // Embeddings have no output to count, so its absence is a measured zero there.
                output == null && operation == Operation.EMBEDDINGS ? Long.valueOf(0) : output,
                first(
                        "completion_tokens_details.reasoning_tokens",
                        "output_tokens_details.reasoning_tokens"),
                counters(),
                raw);
    }

    /** The exact text, on one line; null where it is too long to be carried. */
    static @Nullable String raw(byte[] body, int start, int end) {
        return end - start > LONGEST_RAW
                ? null
                : new String(body, start, end - start, StandardCharsets.UTF_8)
                        .replace('\n', ' ')
                        .replace('\r', ' ');
    }

    /** Inclusive of what was cached. OpenAI counts so itself, Anthropic's names leave it out. */
    private @Nullable Long input() {
        Long prompt = byPath.get("prompt_tokens");
        Long fresh = byPath.get("input_tokens");
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
        count(counters, "web_search", "server_tool_use.web_search_requests");
        count(counters, "audio_input_tokens", "prompt_tokens_details.audio_tokens");
        count(counters, "audio_output_tokens", "completion_tokens_details.audio_tokens");
        return counters;
    }

    private void count(Map<String, Long> counters, String counter, String path) {
        Long count = byPath.get(path);
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
