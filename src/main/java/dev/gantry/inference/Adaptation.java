package dev.gantry.inference;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How a request's body is changed for one lane; everything else is passed on byte for byte.
 *
 * @param instead the operation by which it is answered, as the lane does not know its own; null: it
 *     does
 * @param model the model id as the lane's provider knows it
 * @param outputLimit null: the request sets none
 * @param dropped top-level body members left out because the model does not support them
 * @param renamed top-level body members that go out under another name
 * @param listed what of it the caller is told
 */
public record Adaptation(
        @Nullable Operation instead,
        String model,
        @Nullable OutputLimit outputLimit,
        List<String> dropped,
        Map<String, String> renamed,
        List<Listed> listed) {
    public Adaptation {
        dropped = List.copyOf(dropped);
        renamed = Map.copyOf(renamed);
        listed = List.copyOf(listed);
    }

    /** Of which nothing is told. */
    public Adaptation(String model, @Nullable OutputLimit outputLimit, List<String> dropped) {
        this(null, model, outputLimit, dropped, Map.of(), List.of());
    }

    /** By which the request is answered. */
    public Operation called(InferenceRequest request) {
        return instead == null ? request.operation() : instead;
    }

    /**
     * The one output limit that is sent.
     *
     * @param field the body member that this model wants it in
     * @param tokens at most the model's ceiling, where that is known
     */
    public record OutputLimit(String field, long tokens) {
        /** All the names that the member has. */
        public static final Set<String> NAMES =
                Set.of("max_completion_tokens", "max_output_tokens", "max_tokens");
    }

    /** A change and who is behind it. */
    public record Listed(Change change, Because because) {}

    /** Why a body is changed. */
    public enum Because {
        /** The catalogue says so of the model. */
        CONFIGURED,
        /** The lane's dialect has no place for it, and it is a note, or how words are drawn. */
        DIALECT,
        /** The lane has refused it of this very request. */
        REFUSED,
        /** The lane has refused it of another, lately. */
        LEARNT
    }
}
