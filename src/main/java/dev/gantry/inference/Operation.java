package dev.gantry.inference;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;

/**
 * A provider's endpoint that a request names in {@code url}, and what is peculiar to it. What all
 * have in common, and what a dialect makes of it, is not its business.
 */
public interface Operation {
    /** The url of an OpenAI batch line. */
    String url();

    /** The path below a provider's base url, which itself ends in its version. */
    default String path() {
        return url().substring("/v1".length());
    }

    /** The word used in events, and for what a dialect lacks. */
    String label();

    /** What a model must be for. */
    default ModelType type() {
        return ModelType.INFERENCE;
    }

    /** The body's member that holds what is asked: audits show it, or its hash. */
    String prompt();

    /** What routing learns from members of the body, by their names; others are passed on. */
    Map<String, MemberRole> members();

    /**
     * The names of the member that limits the output, the weightiest first. If it has only one, a
     * limit goes out in it whatever the lane's {@code max-tokens-field}.
     */
    default List<String> limits() {
        return List.of();
    }

    /** The one name of the limit; null: it has several, of which the lane knows one. */
    default @Nullable String limitField() {
        return limits().size() == 1 ? limits().getFirst() : null;
    }

    /**
     * The answer's member that holds what was asked for: a list, and in a good answer not empty.
     */
    String evidence();

    /** Which tokens are counted. */
    TokenUse tokens();

    /** Whether an answer may come in chunks; of others the whole is asked for. */
    default boolean streams() {
        return evidence().equals("choices");
    }

    /** Which tokens an answer has, and so whether it can be limited and sent in pieces. */
    enum TokenUse {
        /** The model writes. */
        INPUT_AND_OUTPUT,
        /** The model only reads: that output is not counted is a measured zero. */
        INPUT,
        /** Likewise, and where nobody has set a price for it, it is taken to be free. */
        UNBILLED;

        public boolean hasOutput() {
            return this == INPUT_AND_OUTPUT;
        }
    }

    /** What a body's member means to a route. */
    enum MemberRole {
        /** How many answers are asked for; of several such members the largest counts. */
        CHOICES,
        /** A list of objects that hold texts and media. */
        MESSAGES,
        /** What the model may call; it reads them as JSON. */
        TOOLS,
        /** Texts, media or tokens, however deep. */
        CONTENT,
        /** Names what the provider remembers, and reads with the rest. */
        REMEMBERED,
        /**
         * As content; of a list, each text or list of tokens is answered for itself, so that a
         * window need hold the longest only.
         */
        PROMPTS,
        /** A schema for the answer, which the model reads as JSON. */
        SCHEMA,
        /** Whether, and how much, it is to think. */
        THINKING,
        /** The most that each answer may have; see {@link #limits}. */
        LIMIT
    }
}
