package dev.gantry.routing;

/**
 * A lane of the catalogue that is not on a request's route.
 *
 * @param rule the word for what keeps it out: of a {@link Filter}, {@code model} where the request
 *     asks for other models, {@code chain} where no link of its policy means the lane
 * @param because the rule with what the request asks of it, for people
 */
public record ExcludedLane(Lane lane, String rule, String because) {}
