package dev.gantry.dialect.gemini;

import dev.gantry.dialect.TokenCounts;
import dev.gantry.dialect.WireNames;
import dev.gantry.inference.Usage;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;

import java.util.HashMap;
import java.util.Map;

/** Reads {@code usageMetadata}: thoughts and the prompts of tools are counted beside the rest. */
final class GeminiUsage {
    static final String NAME = "usageMetadata";

    private static final long MOST = 1_000_000_000_000_000L;
    private static final int LONGEST_RAW = 4096;

    private final JsonNode counts;

    private GeminiUsage(JsonNode counts) {
        this.counts = counts;
    }

    /** Null: the answer has none. */
    static @Nullable Usage of(@Nullable JsonNode counts) {
        return counts == null || !counts.isObject() ? null : new GeminiUsage(counts).usage();
    }

    private Usage usage() {
        Long prompt = count(counts, "promptTokenCount");
        Long input = prompt == null ? null : Long.valueOf(prompt + or0("toolUsePromptTokenCount"));
        Long thoughts = count(counts, "thoughtsTokenCount");
        String raw = counts.toString();
        return new Usage(
                input,
                count(counts, "cachedContentTokenCount"),
                null,
                output(input, thoughts),
                thoughts,
                counters(),
                raw.length() <= LONGEST_RAW && wordless(counts) ? raw : null);
    }

    /** What is none is left out of the counts; the total knows. */
    private @Nullable Long output(@Nullable Long input, @Nullable Long thoughts) {
        Long candidates = count(counts, "candidatesTokenCount");
        Long total = count(counts, "totalTokenCount");
        if (candidates == null && thoughts == null) {
            return input == null || total == null || total < input
                    ? null
                    : Long.valueOf(total - input);
        }
        return or0("candidatesTokenCount") + or0("thoughtsTokenCount");
    }

    private Map<String, Long> counters() {
        Map<String, Long> counters = new HashMap<>();
        long heard = audio("promptTokensDetails") - audio("cacheTokensDetails");
        long spoken = audio("candidatesTokensDetails");
        if (heard > 0) {
            counters.put("audio_input_tokens", heard);
        }
        if (spoken > 0) {
            counters.put("audio_output_tokens", spoken);
        }
        return counters;
    }

    private long audio(String details) {
        long sum = 0;
        for (JsonNode each : counts.path(details)) {
            Long count = count(each, "tokenCount");
            if ("AUDIO".equals(each.path("modality").asString("")) && count != null) {
                sum += count;
            }
        }
        return sum;
    }

    private long or0(String name) {
        return TokenCounts.or(count(counts, name), 0);
    }

    private static @Nullable Long count(JsonNode parent, String name) {
        JsonNode value = parent.get(name);
        return value != null
                        && value.isIntegralNumber()
                        && value.canConvertToLong()
                        && value.longValue() >= 0
                        && value.longValue() <= MOST
                ? Long.valueOf(value.longValue())
                : null;
    }

    /** Whether nothing in it could be anybody's words: only then is it told as it came. */
    private static boolean wordless(JsonNode node) {
        if (node.isString()) {
            return WireNames.isWord(node.stringValue());
        }
        boolean names =
                !node.isObject() || node.propertyNames().stream().allMatch(WireNames::isWord);
        return names && node.valueStream().allMatch(GeminiUsage::wordless);
    }
}
