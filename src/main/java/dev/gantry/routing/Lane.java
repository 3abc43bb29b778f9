package dev.gantry.routing;

import dev.gantry.inference.CallTarget;
import dev.gantry.inference.Capability;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.Operation;
import dev.gantry.inference.Quality;
import dev.gantry.inference.Tier;
import dev.gantry.operation.Operations;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * One lane of the catalogue: an instance's offer of a model.
 *
 * @param aliases other names that requests may use for the model
 * @param contextWindow tokens, input and output together; null where unknown
 * @param maxOutputTokens null where unknown
 * @param maxTokensField the body member that carries the output limit
 * @param unsupportedParameters body members that this model refuses; left out for this lane only
 * @param quality null: nobody said
 * @param weight tier × provider × instance × model weight; 0 closes the lane
 * @param modelRank position in the provider's list; 0 is its default model
 * @param timeout one attempt, connect to last byte
 * @param credentials whether the instance has what its auth style needs
 * @param lists the provider's own, beside those of routing
 * @param discovered whether it is there because its instance lists the model
 * @param target where its calls go; one that is called keeps it
 */
public record Lane(
        LaneId id,
        List<String> aliases,
        @Nullable Long contextWindow,
        @Nullable Long maxOutputTokens,
        String maxTokensField,
        Set<String> unsupportedParameters,
        Set<Capability> capabilities,
        @Nullable Quality quality,
        double weight,
        int modelRank,
        Duration timeout,
        boolean credentials,
        ModelLists lists,
        boolean discovered,
        CallTarget target) {
    public Lane {
        aliases = List.copyOf(aliases);
        unsupportedParameters = Set.copyOf(unsupportedParameters);
        capabilities = Set.copyOf(capabilities);
    }

    /** The operation by which it answers another; its own, where it knows it. */
    public Operation called(Operation asked) {
        return asked.equals(Operations.RESPONSES) && !capabilities.contains(Capability.RESPONSES)
                ? Operations.CHAT
                : asked;
    }

    /** The model id without a region prefix: the same model elsewhere has the same name. */
    public String canonicalModel() {
        return ModelName.canonical(id.model());
    }

    /** What requests may call it, each without a region prefix. */
    public Set<String> names() {
        Set<String> names = new LinkedHashSet<>();
        names.add(canonicalModel());
        aliases.forEach(alias -> names.add(ModelName.canonical(alias.strip())));
        return names;
    }

    /** Whether its model, or one of its aliases, is as the glob says. */
    public boolean matches(String glob) {
        return Glob.matches(glob, id.model())
                || aliases.stream().anyMatch(each -> Glob.matches(glob, each));
    }

    /** Whether its instance says that it has the model, and is at hand. */
    boolean runsHere() {
        return discovered && (id.tier() == Tier.LOCAL || id.tier() == Tier.DIRECT);
    }

    /** The same, as if its instance had what its auth style needs. */
    public Lane withCredentials() {
        return new Lane(
                id,
                aliases,
                contextWindow,
                maxOutputTokens,
                maxTokensField,
                unsupportedParameters,
                capabilities,
                quality,
                weight,
                modelRank,
                timeout,
                true,
                lists,
                discovered,
                target);
    }
}
