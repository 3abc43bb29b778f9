package dev.gantry.inference;

import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * The words by which providers say why a model stopped, and what they mean; the gravest last. A
 * word that is not listed is taken for a good end, and counted.
 */
public enum FinishReason {
    /** The model said all it had to say. */
    WHOLE(
            "stop",
            "stop_sequence",
            "end_turn",
            "end_of_turn",
            "eos",
            "eos_token",
            "eot",
            "complete",
            "completed",
            "done",
            "finished",
            "success",
            "normal",
            "tool_call",
            "tool_calls",
            "tool_use",
            "function_call",
            "function_calls",
            "pause_turn"),
    /** A limit ended it: an answer, if a short one. */
    CUT(
            "length",
            "max_length",
            "max_tokens",
            "max_output_tokens",
            "max_new_tokens",
            "model_length",
            "model_context_window_exceeded",
            "context_length",
            "context_length_exceeded",
            "context_window_exceeded",
            "error_limit",
            "token_limit",
            "incomplete"),
    UNLISTED,
    /** The far side had no room for it. */
    OVERLOADED("insufficient_system_resource", "overloaded", "capacity", "load_shed", "preempted"),
    /** It broke off. */
    FAILED(
            "abort",
            "aborted",
            "cancelled",
            "canceled",
            "crash",
            "error",
            "engine_error",
            "failed",
            "failure",
            "internal_error",
            "malformed_function_call",
            "malformed_response",
            "network_error",
            "server_error",
            "timeout",
            "unexpected_tool_call",
            "too_many_tool_calls",
            "upstream_error"),
    /** A filter of the provider's would not have it said. */
    REFUSED(
            "blocked",
            "blocklist",
            "content_blocked",
            "content_filter",
            "content_filtered",
            "content_moderation",
            "content_policy",
            "content_policy_violation",
            "contentfilter",
            "error_toxic",
            "filtered",
            "flagged",
            "guardrail",
            "guardrail_intervened",
            "guardrails",
            "image_prohibited_content",
            "image_recitation",
            "image_safety",
            "model_armor",
            "moderation",
            "policy_violation",
            "prohibited_content",
            "recitation",
            "refusal",
            "refused",
            "safety",
            "sensitive",
            "sensitive_content",
            "spii",
            "violation");

    private static final Map<String, FinishReason> BY_WORD = new HashMap<>();

    static {
        for (FinishReason each : values()) {
            for (String word : each.words.split(" ", -1)) {
                BY_WORD.put(word, each);
            }
        }
    }

    /** Blanks between them. */
    private final String words;

    FinishReason(String... words) {
        this.words = String.join(" ", words);
    }

    /**
     * Whatever the case, and whatever joins the words.
     *
     * @param word null or empty: none was given, which says nothing
     */
    public static FinishReason of(@Nullable String word) {
        if (word == null || word.isBlank()) {
            return WHOLE;
        }
        FinishReason asListed = BY_WORD.get(word);
        return asListed == null ? ofVariant(word) : asListed;
    }

    private static FinishReason ofVariant(String word) {
        String plain = word.strip().toLowerCase(Locale.ROOT).replace('-', '_').replace(' ', '_');
        String bare = plain.replaceFirst("^(finish_reason|finishreason|stop_reason)[_.:]+", "");
        return Objects.requireNonNullElse(BY_WORD.get(bare), UNLISTED);
    }

    /**
     * Of several choices' words that of the gravest meaning, since what was asked for is all of
     * them; null: none.
     */
    public static @Nullable String gravest(Collection<String> words) {
        String gravest = null;
        for (String word : words) { // mostly one
            if (gravest == null || of(word).compareTo(of(gravest)) > 0) {
                gravest = word;
            }
        }
        return gravest;
    }
}
