package dev.gantry.inference;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * How a request's body is changed for one lane; everything else is passed on byte for byte.
 *
 * @param model the model id as the lane's provider knows it
 * @param outputLimit null: the request sets none
 * @param dropped top-level body members left out because the model does not support them
 */
public record Adaptation(String model, @Nullable OutputLimit outputLimit, List<String> dropped) {
    public Adaptation {
        dropped = List.copyOf(dropped);
    }

    /**
     * The one output limit that is sent.
     *
     * @param field the body member that this model wants it in
     * @param tokens at most the model's ceiling, where that is known
     */
    public record OutputLimit(String field, long tokens) {}
}
